use expect_test::{Expect, expect};

use super::*;

#[track_caller]
fn check(source: &str, expected: Expect) {
    let found = match syn::parse_str(source).and_then(|input| implementation(&input)) {
        Ok(tokens) => prettyplease::unparse(&syn::parse2(tokens).expect("parses")),
        Err(errors) => errors.into_iter().map(|error| error.to_string()).collect::<Vec<_>>().join("\n"),
    };
    expected.assert_eq(&found);
}

#[test]
fn fields_cross_in_their_order() {
    check(
        "struct Stats { mean: f64, r#type: u64 }",
        expect![[r##"
        #[automatically_derived]
        impl ::wasmtube_guest::Record for Stats {
            const FIELDS: usize = 2usize;
            const KIND: &'static str = "{\"record\":[[\"mean\",\"f64\"],[\"type\",\"u64\"]]}";
            fn to_bytes(&self) -> ::wasmtube_guest::__private::Vec<u8> {
                let words = [self.mean.to_le_bytes(), self.r#type.to_le_bytes()];
                words.as_flattened().to_vec()
            }
            fn from_bytes(bytes: &[u8]) -> ::core::option::Option<Self> {
                let words = ::wasmtube_guest::__private::words::<2usize>(bytes)?;
                ::core::option::Option::Some(Self {
                    mean: <f64>::from_le_bytes(words[0usize]),
                    r#type: <u64>::from_le_bytes(words[1usize]),
                })
            }
        }
    "##]],
    );
}

#[test]
fn other_fields_are_all_refused() {
    check(
        "struct S { a: i32, b: f64, c: Option<f64>, d: std::primitive::i64 }",
        expect![[r#"
        the field `a` of a record has 8 bytes: write its type as `i64`, `u64` or `f64`
        the field `c` of a record has 8 bytes: write its type as `i64`, `u64` or `f64`
        the field `d` of a record has 8 bytes: write its type as `i64`, `u64` or `f64`"#]],
    );
}

#[test]
fn other_types_are_refused() {
    check("struct S(f64);", expect!["a record has fields with names: `struct Name { field: f64 }`"]);
    check("struct S;", expect!["a record has fields with names: `struct Name { field: f64 }`"]);
    check("struct S {}", expect!["a record has 1 to 64 fields, not 0"]);
    check("enum E { A }", expect!["a record is a struct"]);
    check("struct S<T> { a: f64, b: T }", expect!["a record cannot be generic: its fields are fixed in the file"]);
}
