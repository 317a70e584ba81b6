use runtime::Version;

use super::claims::Claims;

/// Runs a model on the input whose answer its file carries.
pub(super) fn check(version: &Version, claims: &mut Claims) -> anyhow::Result<()> {
    let checked = version.check_golden();
    let text = match &checked {
        Ok(report) => format!(
            "the file gives the {} known values that it carries, up to {:.1e} of the largest",
            report.probes, report.largest_share
        ),
        Err(error) => format!("the file gives the known values that it carries: {}", runtime::one_line(error)),
    };
    Ok(claims.check(checked.is_ok_and(|report| report.probes > 0), &text)?)
}
