//! The pages about diagnostics say what the crate does.

use std::path::Path;

fn page(code: ir::Code) -> String {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
    std::fs::read_to_string(pages.join(format!("{code}.md"))).unwrap_or_else(|error| panic!("{code}: {error}"))
}

#[test]
fn every_code_has_a_page_with_its_title() {
    for code in ir::Code::ALL {
        let expect = format!("# {code}: {}\n", code.title());
        assert!(page(*code).starts_with(&expect), "the page of {code} does not begin with {expect:?}");
    }
}

#[test]
fn supported_operators_are_listed() {
    let page = page(ir::Code::UnsupportedOperator);
    let listed: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("`") && !line.starts_with("```"))
        .flat_map(|line| line.split(['`', ',', ' ']))
        .collect();
    let listed: Vec<&str> = listed.into_iter().filter(|word| !word.is_empty()).collect();
    assert_eq!(listed, wasmtube_onnx::operators().collect::<Vec<_>>());
}

#[test]
fn supported_operator_sets_are_named() {
    let range = format!("{} to {}", wasmtube_onnx::OPSETS.start(), wasmtube_onnx::OPSETS.end());
    assert!(page(ir::Code::UnsupportedOpset).contains(&range));
}
