use expect_test::{Expect, expect};

use super::*;

#[track_caller]
fn check_refused(fields: &str, expected: Expect) {
    let error = syn::parse_str::<Module>(fields).err().map_or("accepted".into(), |error| error.to_string());
    expected.assert_eq(&error);
}

#[test]
fn module_declares_itself_and_exports_the_services() {
    let expansion = expand(quote!(state: stateless, name: "stats", version: "1.0.0"));
    let file = syn::parse2(expansion).expect("parses");
    expect![[r##"
        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code, reason = "the host calls through raw addresses")]
        const _: () = {
            #[used]
            #[unsafe(link_section = "wasmtube-decl")]
            static DECLARATION: [u8; 66usize] = *b"{\"module\":{\"name\":\"stats\",\"version\":\"1.0.0\",\"state\":\"stateless\"}}\n";
            #[unsafe(export_name = "wasmtube_abi_v1")]
            extern "C" fn marker() {}
            #[unsafe(export_name = "wasmtube_alloc")]
            extern "C" fn alloc(len: usize, align: usize) -> *mut u8 {
                ::wasmtube_guest::__private::alloc(len, align)
            }
            #[unsafe(export_name = "wasmtube_free")]
            unsafe extern "C" fn free(address: *mut u8, len: usize) {
                unsafe { ::wasmtube_guest::__private::free(address, len) }
            }
            #[unsafe(export_name = "wasmtube_panic")]
            extern "C" fn panic() -> i64 {
                ::wasmtube_guest::__private::last_panic()
            }
        };
    "##]]
    .assert_eq(&prettyplease::unparse(&file));
}

#[test]
fn every_state_has_its_word() {
    for (word, state) in [("stateless", State::Stateless), ("slot", State::Slot), ("keyed", State::Keyed)] {
        let module: Module =
            syn::parse_str(&format!("name: \"n\", version: \"v\", state: {word},")).expect("is well-formed");
        assert_eq!(module.state, state);
    }
}

#[test]
fn incomplete_modules_are_refused() {
    check_refused(
        "",
        expect![[
            r#"`name` is missing: write `wasmtube_guest::module! { name: "...", version: "...", state: stateless }`"#
        ]],
    );
    check_refused(
        r#"name: "a", version: "1""#,
        expect![[
            r#"`state` is missing: write `wasmtube_guest::module! { name: "...", version: "...", state: stateless }`"#
        ]],
    );
    check_refused(r#"name: "a", name: "b""#, expect!["the field `name` is given twice"]);
    check_refused(r#"title: "a""#, expect!["unknown field `title`: a module has `name`, `version` and `state`"]);
    check_refused(r#"name: """#, expect!["the text is empty"]);
    check_refused("name: stats", expect!["expected string literal"]);
    check_refused(
        "state: pure",
        expect![
            "unknown state `pure`: use `stateless` (nothing is kept between calls), `slot` (one instance serves all calls) or `keyed` (one instance for each key)"
        ],
    );
}
