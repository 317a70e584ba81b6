//! Places in a deployment where a test may end the process, to see what a restart finds.

use std::fmt;
use std::sync::Arc;

/// A place between two steps of a deployment, named by what has just been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultPoint {
    /// A candidate came.
    Noticed,
    /// Its file stands still.
    Settled,
    /// Its seal holds.
    Proved,
    /// It is compiled.
    Compiled,
    /// It offers what the live version offers.
    Compared,
    /// Its first instance is started.
    Warmed,
    /// It passed its checks.
    Checked,
    /// It is live.
    Switched,
    /// The version before waits for its last call.
    Draining,
}

impl FaultPoint {
    /// All of them, in their order.
    pub const ALL: [Self; 9] = [
        Self::Noticed,
        Self::Settled,
        Self::Proved,
        Self::Compiled,
        Self::Compared,
        Self::Warmed,
        Self::Checked,
        Self::Switched,
        Self::Draining,
    ];

    /// Its name, for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Noticed => "noticed",
            Self::Settled => "settled",
            Self::Proved => "proved",
            Self::Compiled => "compiled",
            Self::Compared => "compared",
            Self::Warmed => "warmed",
            Self::Checked => "checked",
            Self::Switched => "switched",
            Self::Draining => "draining",
        }
    }
}

/// What hears of every [`FaultPoint`] that a deployment passes, on its thread, and may end or hold it there.
#[derive(Clone, Default)]
pub struct FaultPoints {
    hook: Option<Arc<dyn Fn(FaultPoint) + Send + Sync>>,
}

impl FaultPoints {
    /// Nothing hears of them.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// `hook` hears of each.
    #[must_use]
    pub fn call(hook: impl Fn(FaultPoint) + Send + Sync + 'static) -> Self {
        Self { hook: Some(Arc::new(hook)) }
    }

    pub(crate) fn pass(&self, point: FaultPoint) {
        if let Some(hook) = &self.hook {
            hook(point);
        }
    }
}

impl fmt::Debug for FaultPoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultPoints").field("is_heard", &self.hook.is_some()).finish()
    }
}
