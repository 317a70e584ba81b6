use expect_test::{Expect, expect};

use super::*;
use crate::signature::Kind;

/// The glue of a function, without the function itself.
fn glue_of(arguments: TokenStream, source: &str) -> syn::Result<TokenStream> {
    glue(&arguments, &syn::parse_str(source).expect("is a function"))
}

#[track_caller]
fn check_glue(source: &str, expected: Expect) {
    check_glue_with(TokenStream::new(), source, expected);
}

#[track_caller]
fn check_glue_with(arguments: TokenStream, source: &str, expected: Expect) {
    let file = syn::parse2(glue_of(arguments, source).expect("expands")).expect("parses");
    expected.assert_eq(&prettyplease::unparse(&file));
}

#[track_caller]
fn check_refused(source: &str, expected: Expect) {
    check_refused_with(TokenStream::new(), source, expected);
}

#[track_caller]
fn check_refused_with(arguments: TokenStream, source: &str, expected: Expect) {
    let errors = match glue_of(arguments, source) {
        Ok(_) => "accepted".into(),
        Err(errors) => errors.into_iter().map(|error| error.to_string()).collect::<Vec<_>>().join("\n"),
    };
    expected.assert_eq(&errors);
}

/// `takes -> returns` as declared, and the expression that answers.
#[track_caller]
fn check_kinds(crossing: Crossing, source: &str, expected: &str) {
    let function: ItemFn = syn::parse_str(source).expect("is a function");
    let (argument, answer) = signature::read(&function.sig, crossing).expect("is accepted");
    let fails = if answer.can_fail { " or error" } else { "" };
    let texts = |kinds: Vec<Kind<'_>>| {
        let text = |kind: &Kind<'_>| kind.known().map_or("record".into(), |kind| kind.to_string());
        kinds.iter().map(text).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(format!("({}) -> ({}){fails}", texts(argument.kinds()), texts(answer.kinds())), expected);
}

#[test]
fn json_function_is_exported_and_declared() {
    check_glue(
        "/// Mean and median\n/// of integers.\n///\n/// More.\nfn calc_stats(values: Values) -> Result<Stats, Error> { todo() }",
        expect![[r#"
            const _: () = {
                #[cfg_attr(
                    not(target_arch = "wasm32"),
                    allow(dead_code, reason = "called by the export of a Wasm build")
                )]
                fn __wasmtube_call(
                    __argument: &[u8],
                ) -> ::core::result::Result<
                    ::wasmtube_guest::__private::Vec<u8>,
                    ::wasmtube_guest::Error,
                > {
                    let __argument = ::wasmtube_guest::__private::from_json::<
                        Values,
                    >("calc_stats", __argument)?;
                    ::wasmtube_guest::__private::to_json(
                        "calc_stats",
                        &calc_stats(__argument).map_err(::wasmtube_guest::Error::from)?,
                    )
                }
                #[cfg(target_arch = "wasm32")]
                #[allow(unsafe_code, reason = "the host calls through raw addresses")]
                const _: () = {
                    #[used]
                    #[unsafe(link_section = "wasmtube-decl")]
                    static DECLARATION: [u8; 110usize] = *b"{\"function\":{\"name\":\"calc_stats\",\"takes\":[\"json\"],\"returns\":[\"json\"],\"about\":\"Mean and median of integers.\"}}\n";
                    #[unsafe(export_name = "calc_stats")]
                    unsafe extern "C" fn export(address: *const u8, len: usize) -> i64 {
                        let argument = unsafe {
                            ::wasmtube_guest::__private::argument(address, len)
                        };
                        ::wasmtube_guest::__private::serve(argument, __wasmtube_call)
                    }
                };
            };
        "#]],
    );
}

#[test]
fn picture_function_takes_width_and_height() {
    check_glue(
        "fn brightness(picture: wasmtube_guest::Image<'_>) -> f32 { 0.0 }",
        expect![[r#"
            const _: () = {
                #[cfg_attr(
                    not(target_arch = "wasm32"),
                    allow(dead_code, reason = "called by the export of a Wasm build")
                )]
                fn __wasmtube_call(
                    __argument: &[u8],
                    __width: u32,
                    __height: u32,
                ) -> ::core::result::Result<
                    ::wasmtube_guest::__private::Vec<u8>,
                    ::wasmtube_guest::Error,
                > {
                    let __argument = ::wasmtube_guest::Image::new(__argument, __width, __height)?;
                    ::wasmtube_guest::__private::to_json("brightness", &brightness(__argument))
                }
                #[cfg(target_arch = "wasm32")]
                #[allow(unsafe_code, reason = "the host calls through raw addresses")]
                const _: () = {
                    #[used]
                    #[unsafe(link_section = "wasmtube-decl")]
                    static DECLARATION: [u8; 72usize] = *b"{\"function\":{\"name\":\"brightness\",\"takes\":[\"image\"],\"returns\":[\"json\"]}}\n";
                    #[unsafe(export_name = "brightness")]
                    unsafe extern "C" fn export(
                        address: *const u8,
                        len: usize,
                        __width: u32,
                        __height: u32,
                    ) -> i64 {
                        let argument = unsafe {
                            ::wasmtube_guest::__private::argument(address, len)
                        };
                        ::wasmtube_guest::__private::serve(
                            argument,
                            |__argument| __wasmtube_call(__argument, __width, __height),
                        )
                    }
                };
            };
        "#]],
    );
}

#[test]
fn bytes_function_without_failure() {
    check_glue(
        "#[cfg(feature = \"x\")] fn r#gen(bytes: &[u8]) -> Vec<u8> { bytes.to_vec() }",
        expect![[r##"
            #[cfg(feature = "x")]
            const _: () = {
                #[cfg_attr(
                    not(target_arch = "wasm32"),
                    allow(dead_code, reason = "called by the export of a Wasm build")
                )]
                fn __wasmtube_call(
                    __argument: &[u8],
                ) -> ::core::result::Result<
                    ::wasmtube_guest::__private::Vec<u8>,
                    ::wasmtube_guest::Error,
                > {
                    ::core::result::Result::Ok(r#gen(__argument))
                }
                #[cfg(target_arch = "wasm32")]
                #[allow(unsafe_code, reason = "the host calls through raw addresses")]
                const _: () = {
                    #[used]
                    #[unsafe(link_section = "wasmtube-decl")]
                    static DECLARATION: [u8; 66usize] = *b"{\"function\":{\"name\":\"gen\",\"takes\":[\"bytes\"],\"returns\":[\"bytes\"]}}\n";
                    #[unsafe(export_name = "gen")]
                    unsafe extern "C" fn export(address: *const u8, len: usize) -> i64 {
                        let argument = unsafe {
                            ::wasmtube_guest::__private::argument(address, len)
                        };
                        ::wasmtube_guest::__private::serve(argument, __wasmtube_call)
                    }
                };
            };
        "##]],
    );
}

#[test]
fn fallible_bytes_function_converts_its_error() {
    let glue =
        glue_of(TokenStream::new(), "fn f(bytes: &[u8]) -> std::io::Result<Vec<u8>> {}").expect("expands").to_string();
    assert!(glue.contains("f (__argument) . map_err (:: wasmtube_guest :: Error :: from) }"), "{glue}");
}

#[test]
fn kinds_follow_the_types_as_written() {
    let check = |source, expected| check_kinds(Crossing::Json, source, expected);
    check("fn f(x: Values) -> Stats {}", "(json) -> (json)");
    check("fn f(x: Vec<u8>) -> Vec<u16> {}", "(json) -> (json)");
    check("fn f(x: &[u8]) -> std::vec::Vec<u8> {}", "(bytes) -> (bytes)");
    check("fn f(x: &[u8]) -> std::io::Result<Vec<u8>> {}", "(bytes) -> (bytes) or error");
    check("fn f(x: Image) -> Result<String, Error> {}", "(image) -> (json) or error");
    check("fn f() -> u8 {}", "() -> (json)");
    check("fn f(x: u8) {}", "(json) -> (json)");
}

#[test]
fn plain_kinds_follow_the_types_as_written() {
    let check = |source: &str, expected: &str| check_kinds(Crossing::Plain, source, expected);
    for number in ["i8", "i16", "u16", "i32", "u32", "i64", "u64", "f32", "f64"] {
        check(&format!("fn f(x: &[{number}]) -> Vec<{number}> {{}}"), &format!("(list<{number}>) -> (list<{number}>)"));
    }
    check("fn f(x: std::vec::Vec<i32>) -> Result<std::vec::Vec<f64>, Error> {}", "(list<i32>) -> (list<f64>) or error");
    check("fn f(x: Range) -> Result<Stats, Error> {}", "(record) -> (record) or error");
    check("fn f(x: &[u8]) -> Vec<u8> {}", "(bytes) -> (bytes)");
    check("fn f(x: Image<'_>) -> Stats {}", "(image) -> (record)");
    check("fn f() {}", "() -> ()");
    check("fn f() -> Result<(), Error> {}", "() -> () or error");
}

#[test]
fn plain_function_borrows_its_list_and_declares_its_record() {
    check_glue_with(
        quote!(plain),
        "/// Mean.\nfn stats(values: &[i64]) -> Result<Stats, Error> {}",
        expect![[r#"
        const _: () = {
            #[cfg_attr(
                not(target_arch = "wasm32"),
                allow(dead_code, reason = "called by the export of a Wasm build")
            )]
            fn __wasmtube_call(
                __argument: &[u8],
            ) -> ::core::result::Result<
                ::wasmtube_guest::__private::Vec<u8>,
                ::wasmtube_guest::Error,
            > {
                let __argument = ::wasmtube_guest::__private::list::<i64>("stats", __argument)?;
                ::core::result::Result::Ok(
                    <Stats as ::wasmtube_guest::Record>::to_bytes(
                        &stats(__argument).map_err(::wasmtube_guest::Error::from)?,
                    ),
                )
            }
            #[cfg(target_arch = "wasm32")]
            #[allow(unsafe_code, reason = "the host calls through raw addresses")]
            const _: () = {
                const TEXTS: &[&str] = &[
                    "{\"function\":{\"name\":\"stats\",\"takes\":[",
                    "{\"list\":\"i64\"}",
                    "],\"returns\":[",
                    <Stats as ::wasmtube_guest::Record>::KIND,
                    "],\"about\":\"Mean.\"}}\n",
                ];
                #[used]
                #[unsafe(link_section = "wasmtube-decl")]
                static DECLARATION: [u8; ::wasmtube_guest::__private::length(TEXTS)] = ::wasmtube_guest::__private::joined(
                    TEXTS,
                );
                #[unsafe(export_name = "stats")]
                unsafe extern "C" fn export(address: *const u8, len: usize) -> i64 {
                    let argument = unsafe {
                        ::wasmtube_guest::__private::argument(address, len)
                    };
                    ::wasmtube_guest::__private::serve(argument, __wasmtube_call)
                }
            };
        };
    "#]],
    );
}

#[test]
fn plain_function_may_take_a_record_and_answer_a_list_or_nothing() {
    let glue = |source| glue_of(quote!(plain), source).expect("expands").to_string();
    let ramp = glue("fn ramp(ramp: Ramp) -> Vec<f64> {}");
    assert!(ramp.contains(":: record :: < Ramp > (\"ramp\" , __argument) ?"), "{ramp}");
    assert!(ramp.contains("list_bytes (& ramp (__argument))"), "{ramp}");
    let note = glue("fn note(values: Vec<f32>) {}");
    assert!(note.contains("let () = note (__argument . to_vec ())"), "{note}");
    assert!(note.contains(r#"\"takes\":[{\"list\":\"f32\"}],\"returns\":[]"#), "{note}");
}

#[test]
fn plain_functions_of_other_types_are_refused() {
    let check = |source, expected| check_refused_with(quote!(plain), source, expected);
    check(
        "fn f(x: &[bool]) -> Vec<String> {}",
        expect![[r#"
        the elements of a list are numbers: write i8, i16, u16, i32, u32, i64, u64, f32 or f64
        the elements of a list are numbers: write i8, i16, u16, i32, u32, i64, u64, f32 or f64"#]],
    );
    check("fn f(x: &mut [f64]) {}", expect!["only lists are borrowed, as `&[T]`: take a record by value"]);
    check("fn f(x: &Stats) {}", expect!["only lists are borrowed, as `&[T]`: take a record by value"]);
    check("fn f(x: Vec<u8>) {}", expect!["take bytes as `&[u8]`"]);
    check(
        "fn f(x: f64, y: f64) {}",
        expect![
            "an exported function takes at most one argument: put the numbers into one struct that derives `wasmtube_guest::Record`"
        ],
    );
}

#[test]
fn function_stays_when_its_glue_is_refused() {
    let expansion = expand(
        TokenStream::new(),
        quote!(
            async fn f() {}
        ),
    )
    .to_string();
    assert!(expansion.starts_with("async fn f () { }"), "{expansion}");
    assert!(expansion.contains("compile_error"), "{expansion}");
}

#[test]
fn other_items_and_arguments_are_refused() {
    let expansion = expand(
        TokenStream::new(),
        quote!(
            struct S;
        ),
    )
    .to_string();
    assert!(expansion.contains("belongs on a function"), "{expansion}");
    let expansion = expand(
        quote!(fast),
        quote!(
            fn f() {}
        ),
    )
    .to_string();
    assert!(expansion.contains("takes nothing, or `plain`"), "{expansion}");
}

#[test]
fn wrong_signatures_are_refused_with_all_reasons() {
    check_refused(
        "async unsafe extern \"C\" fn f<T>(x: &str) -> &'static str {}",
        expect![[r#"
            an exported function cannot be async: the host calls it and waits
            an exported function cannot be unsafe: the host may call it with any argument
            remove `extern`: the export is made beside the function
            an exported function cannot be generic: its type is fixed in the file
            only bytes are borrowed, as `&[u8]`: take a type that implements `DeserializeOwned` by value, or numbers as `&[T]` in a function marked `plain`
            an answer outlives the call: return a value that owns what it holds"#]],
    );
    check_refused(
        "fn f(a: u8, b: u8) {}",
        expect![
            "an exported function takes at most one argument: put the values into one struct that implements `Deserialize`"
        ],
    );
    check_refused("fn f(&self) {}", expect!["a method cannot be exported: write a free function"]);
    check_refused(
        "fn f(x: &mut [u8]) {}",
        expect![
            "only bytes are borrowed, as `&[u8]`: take a type that implements `DeserializeOwned` by value, or numbers as `&[T]` in a function marked `plain`"
        ],
    );
    check_refused(
        "fn f(x: impl Iterator) {}",
        expect!["name the type: `impl Trait` does not say what to read the argument as"],
    );
    check_refused(
        "fn f(x: u8) -> Result<&[u8], Error> {}",
        expect!["an answer outlives the call: return a value that owns what it holds"],
    );
}

#[test]
fn reserved_names_are_refused() {
    check_refused("fn wasmtube_alloc() {}", expect!["the name `wasmtube_alloc` is reserved: rename the function"]);
    check_refused("fn memory() {}", expect!["the name `memory` is reserved: rename the function"]);
    check_refused("fn __f() {}", expect!["the name `__f` is reserved: rename the function"]);
}
