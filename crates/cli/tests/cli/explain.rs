use crate::folder::Folder;

#[test]
fn a_code_has_a_page() {
    let folder = Folder::new();
    let page = folder.run(&["explain", "E0201"]).done();
    assert!(page.starts_with("# E0201: "), "{page}");
    assert_eq!(folder.run(&["explain", "e0201"]).done(), page);
}

#[test]
fn without_a_code_all_are_listed() {
    let out = Folder::new().run(&["explain"]).done();
    assert!(out.starts_with("E0101: ") && out.contains("\nE0204: ") && out.contains("\nE0901: "), "{out}");
}

#[test]
fn an_unknown_code_lists_the_others() {
    Folder::new().run(&["explain", "E9999"]).failed(2, &["there is no code `E9999`", "E0101, E0102"]);
}
