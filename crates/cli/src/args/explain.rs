use clap::Args;

const EXAMPLES: &str = "\
Examples:
  wasmtube explain E0201                     what the code means and what to do
  wasmtube explain                           all codes";

/// Explains a code of the compiler.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ExplainArguments {
    /// The code, such as E0201; all codes if not given
    pub(crate) code: Option<String>,
}
