use std::io;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::render::style::Style;

/// Logs go to standard error, `level` and worse unless `RUST_LOG` says otherwise.
pub(crate) fn start(level: LevelFilter) {
    let filter = EnvFilter::builder().with_default_directive(level.into()).from_env_lossy();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(Style::stderr().is_colored());
    subscriber.init();
}
