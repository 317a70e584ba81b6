//! The functions of a module, each geometry once.

use std::collections::HashMap;
use std::fmt::Debug;

use crate::Profile;
use crate::asm::{Finished, FuncBuilder, I32};

/// A call with constant addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) function: usize,
    pub(crate) addresses: Vec<u32>,
}

/// Kernel functions by what they were made from.
pub(crate) struct Functions {
    profile: Profile,
    by_geometry: HashMap<String, usize>,
    pub(crate) list: Vec<NamedFunction>,
    /// Bytes of their bodies.
    pub(crate) bytes: usize,
}

/// A function with the name that profiles show.
pub(crate) struct NamedFunction {
    pub(crate) name: String,
    pub(crate) function: Finished,
}

impl Functions {
    pub(crate) fn new(profile: Profile) -> Self {
        Self { profile, by_geometry: HashMap::new(), list: vec![], bytes: 0 }
    }

    /// The call of the function for this geometry, which `build` writes if it is new. Its parameters are `addresses`.
    pub(crate) fn call<const N: usize>(
        &mut self,
        name: &str,
        geometry: &impl Debug,
        addresses: [u32; N],
        build: impl FnOnce(&mut FuncBuilder, [I32; N]),
    ) -> Call {
        let next = self.list.len();
        let function = *self.by_geometry.entry(format!("{name} {geometry:?}")).or_insert(next);
        if function == next {
            let (mut builder, parameters) = FuncBuilder::new::<N>(self.profile, &[]);
            build(&mut builder, parameters);
            let function = builder.finish();
            self.bytes += function.body.byte_len();
            self.list.push(NamedFunction { name: format!("{name}_{next}"), function });
        }
        Call { function, addresses: addresses.to_vec() }
    }
}
