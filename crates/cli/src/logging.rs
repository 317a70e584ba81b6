use std::{env, io};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::render::style::Style;

/// What slots say of their versions, which the commands say themselves.
const TOLD_BY_COMMANDS: &str = "wasmtube_runtime::slot";

/// Logs go to standard error, `level` and worse unless `RUST_LOG` says otherwise.
pub(crate) fn start(level: LevelFilter) {
    let filter = match env::var_os(EnvFilter::DEFAULT_ENV) {
        None if level < LevelFilter::DEBUG => EnvFilter::new(format!("{level},{TOLD_BY_COMMANDS}=off")),
        _ => EnvFilter::builder().with_default_directive(level.into()).from_env_lossy(),
    };
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(Style::stderr().is_colored());
    subscriber.init();
}
