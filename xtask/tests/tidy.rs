//! The house rules hold for this workspace.

use xtask::tidy;

#[test]
fn the_workspace_is_tidy() {
    let violations = tidy::check_workspace(xtask::root()).expect("the workspace can be read");
    let report: String = violations.iter().map(|violation| format!("{violation}\n")).collect();
    assert!(violations.is_empty(), "{report}");
}
