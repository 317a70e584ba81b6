//! `wasmtube bench`: measures on this machine, with functions that are part of the program.

mod calls;
mod clock;
mod fit;
mod guests;
mod idle;
mod machine;
mod measure;
mod native;
mod paper;
mod report;
mod rows;
mod statistics;
mod svg;
mod sweep;
mod text;
mod threads;

use super::Outcome;
use crate::args::{BenchArguments, BenchSubject};

pub(super) fn run(arguments: &BenchArguments) -> anyhow::Result<Outcome> {
    match &arguments.subject {
        BenchSubject::Calls(arguments) => calls::run(arguments),
    }
}
