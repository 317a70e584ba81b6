use clap::Args;

use super::At;

/// Fewer digits may well begin two digests.
const DIGITS_MIN: usize = 8;
const DIGITS_MAX: usize = 64;

const EXAMPLES: &str = "\
Examples:
  wasmtube rollback stats                    back to the version before
  wasmtube rollback stats --to 3f2a9c1b      to one that `wasmtube slots --json` lists
  wasmtube rollback stats --at 127.0.0.1:7701";

/// Makes an earlier version of a slot of a running node the live one again.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RollbackArguments {
    /// The slot
    pub(crate) slot: String,
    /// Digest of the version, or at least its first 8 digits; the version before if not given
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    pub(crate) to: Option<String>,
    #[command(flatten)]
    pub(crate) at: At,
    /// Prints the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

fn digest(text: &str) -> Result<String, String> {
    let digits = text.to_ascii_lowercase();
    let is_digest = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if is_digest && (DIGITS_MIN..=DIGITS_MAX).contains(&digits.len()) {
        return Ok(digits);
    }
    Err(format!("a digest has {DIGITS_MAX} hexadecimal digits, of which the first {DIGITS_MIN} or more are enough"))
}
