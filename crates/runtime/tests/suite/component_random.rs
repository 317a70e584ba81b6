//! A value of any type comes back as it went in: through JSON or types of `serde`, the component's memory, and back.

use std::fmt::Write as _;

use base64::Engine as _;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;

use crate::guest::{lease, wasm};

/// A type of WIT.
#[derive(Debug, Clone)]
enum Type {
    Plain(&'static str),
    List(Box<Type>),
    Option(Box<Type>),
    Result(Option<Box<Type>>, Option<Box<Type>>),
    Tuple(Vec<Type>),
    Record(Vec<Type>),
    Variant(Vec<Option<Type>>),
    Enum(usize),
    Flags(usize),
}

const PLAIN: [&str; 13] =
    ["bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "float32", "float64", "char", "string"];

fn types() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        8 => proptest::sample::select(&PLAIN[..]).prop_map(Type::Plain),
        1 => (1..5_usize).prop_map(Type::Enum),
        1 => (1..33_usize).prop_map(Type::Flags),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let boxed = inner.clone().prop_map(Box::new).boxed();
        let maybe = proptest::option::of(boxed.clone());
        prop_oneof![
            boxed.clone().prop_map(Type::List),
            boxed.prop_map(Type::Option),
            (maybe.clone(), maybe).prop_map(|(ok, err)| Type::Result(ok, err)),
            vec(inner.clone(), 1..5).prop_map(Type::Tuple),
            vec(inner.clone(), 1..5).prop_map(Type::Record),
            vec(proptest::option::of(inner), 1..5).prop_map(Type::Variant),
        ]
    })
}

fn json<T: serde::Serialize>(value: T) -> String {
    serde_json::to_string(&value).unwrap()
}

/// JSON of values of a type, as it is written.
fn values(ty: &Type) -> BoxedStrategy<String> {
    match ty {
        Type::Plain(name) => plain(name),
        Type::List(element) if matches!(**element, Type::Plain("u8")) => vec(any::<u8>(), 0..20)
            .prop_map(|bytes| json(base64::engine::general_purpose::STANDARD.encode(bytes)))
            .boxed(),
        Type::List(element) => vec(values(element), 0..4).prop_map(|values| format!("[{}]", values.join(","))).boxed(),
        Type::Option(some) => {
            let nested = matches!(**some, Type::Option(_));
            let some = values(some).prop_map(move |some| if nested { format!(r#"{{"some":{some}}}"#) } else { some });
            prop_oneof![Just("null".to_string()), some].boxed()
        }
        Type::Result(ok, err) => {
            let side = |name: &'static str, ty: &Option<Box<Type>>| {
                payload(ty.as_deref()).prop_map(move |value| format!(r#"{{"{name}":{value}}}"#))
            };
            prop_oneof![side("ok", ok), side("err", err)].boxed()
        }
        Type::Tuple(types) => all(types).prop_map(|values| format!("[{}]", values.join(","))).boxed(),
        Type::Record(types) => {
            let object = |values: Vec<String>| {
                let fields = values.iter().enumerate().map(|(index, value)| format!(r#""f{index}":{value}"#));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
            };
            all(types).prop_map(object).boxed()
        }
        Type::Variant(cases) => {
            let case = |(index, ty): (usize, &Option<Type>)| match ty {
                None => Just(format!(r#""c{index}""#)).boxed(),
                Some(ty) => values(ty).prop_map(move |value| format!(r#"{{"c{index}":{value}}}"#)).boxed(),
            };
            proptest::strategy::Union::new(cases.iter().enumerate().map(case)).boxed()
        }
        Type::Enum(count) => (0..*count).prop_map(|index| format!(r#""e{index}""#)).boxed(),
        Type::Flags(count) => vec(any::<bool>(), *count)
            .prop_map(|set| {
                let names = set.iter().enumerate().filter(|(_, set)| **set).map(|(index, _)| format!("b{index}"));
                json(names.collect::<Vec<_>>())
            })
            .boxed(),
    }
}

fn payload(ty: Option<&Type>) -> BoxedStrategy<String> {
    ty.map_or_else(|| Just("null".to_string()).boxed(), values)
}

fn all(types: &[Type]) -> BoxedStrategy<Vec<String>> {
    types.iter().map(values).collect::<Vec<_>>().boxed()
}

fn plain(name: &str) -> BoxedStrategy<String> {
    let finite = proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL | proptest::num::f64::ZERO;
    let finite_32 = proptest::num::f32::NORMAL | proptest::num::f32::SUBNORMAL | proptest::num::f32::ZERO;
    match name {
        "bool" => any::<bool>().prop_map(json).boxed(),
        "s8" => any::<i8>().prop_map(json).boxed(),
        "u8" => any::<u8>().prop_map(json).boxed(),
        "s16" => any::<i16>().prop_map(json).boxed(),
        "u16" => any::<u16>().prop_map(json).boxed(),
        "s32" => any::<i32>().prop_map(json).boxed(),
        "u32" => any::<u32>().prop_map(json).boxed(),
        "s64" => any::<i64>().prop_map(json).boxed(),
        "u64" => any::<u64>().prop_map(json).boxed(),
        "float32" => finite_32.prop_map(json).boxed(),
        "float64" => finite.prop_map(json).boxed(),
        "char" => any::<char>().prop_map(json).boxed(),
        "string" => any::<String>().prop_map(json).boxed(),
        other => unreachable!("{other} is no type"),
    }
}

/// Declares the types that need a name, and answers how the type is referred to.
fn declare(ty: &Type, text: &mut String, names: &mut usize) -> String {
    let mut maybe = |ty: Option<&Type>, text: &mut String| ty.map(|ty| declare(ty, text, names));
    let body = match ty {
        Type::Plain(name) => return (*name).into(),
        Type::List(element) => format!("(list {})", declare(element, text, names)),
        Type::Option(some) => format!("(option {})", declare(some, text, names)),
        Type::Result(ok, err) => {
            let (ok, err) = (maybe(ok.as_deref(), text), maybe(err.as_deref(), text));
            let err = err.map(|err| format!("(error {err})")).unwrap_or_default();
            format!("(result {} {err})", ok.unwrap_or_default())
        }
        Type::Tuple(types) => {
            let types: Vec<String> = types.iter().map(|ty| declare(ty, text, names)).collect();
            format!("(tuple {})", types.join(" "))
        }
        Type::Record(types) => {
            let fields: Vec<String> = types.iter().map(|ty| declare(ty, text, names)).collect();
            let fields = fields.iter().enumerate().map(|(index, ty)| format!(r#"(field "f{index}" {ty})"#));
            format!("(record {})", fields.collect::<Vec<_>>().join(" "))
        }
        Type::Variant(cases) => {
            let cases: Vec<Option<String>> = cases.iter().map(|ty| maybe(ty.as_ref(), text)).collect();
            let cases = cases.iter().enumerate();
            let cases = cases.map(|(index, ty)| format!(r#"(case "c{index}" {})"#, ty.as_deref().unwrap_or("")));
            format!("(variant {})", cases.collect::<Vec<_>>().join(" "))
        }
        Type::Enum(count) => format!("(enum {})", quoted("e", *count)),
        Type::Flags(count) => format!("(flags {})", quoted("b", *count)),
    };
    *names += 1;
    let name = *names;
    writeln!(text, r#"(type $t{name} {body}) (export $x{name} "t{name}" (type $t{name}))"#).unwrap();
    format!("$x{name}")
}

fn quoted(prefix: &str, count: usize) -> String {
    (0..count).map(|index| format!(r#""{prefix}{index}""#)).collect::<Vec<_>>().join(" ")
}

/// A component that answers a list as it got it, whatever is in it.
fn echo(ty: &Type) -> String {
    let mut types = String::new();
    let element = declare(ty, &mut types, &mut 0);
    format!(
        r#"(component {types}
          (core module $m (memory (export "memory") 1)
            (global $top (mut i32) (i32.const 1024))
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32)
              (local.set 4 (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
              (global.set $top (i32.add (local.get 4) (local.get 3)))
              (block (br_if 0 (i32.le_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))))
                (drop (memory.grow (i32.add (i32.shr_u (local.get 3) (i32.const 16)) (i32.const 1)))))
              (local.get 4))
            (func (export "echo") (param i32 i32) (result i32)
              (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16)))
          (core instance $i (instantiate $m))
          (func $echo (param "x" (list {element})) (result (list {element}))
            (canon lift (core func $i "echo") (memory $i "memory") (realloc (func $i "realloc"))))
          (export "echo" (func $echo)))"#
    )
}

fn cases() -> impl Strategy<Value = (Type, Vec<String>)> {
    types().prop_flat_map(|ty| {
        let values = vec(values(&ty), 0..4);
        (Just(ty), values)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_value_comes_back_as_it_went_in((ty, values) in cases()) {
        let lease = lease(wasm(&echo(&ty)));
        let text = match &ty {
            // A list of bytes is written in base64, whatever it came as.
            Type::Plain("u8") => {
                let bytes: Vec<u8> = values.iter().map(|value| value.parse().unwrap()).collect();
                json(base64::engine::general_purpose::STANDARD.encode(bytes))
            }
            _ => format!("[{}]", values.join(",")),
        };
        prop_assert_eq!(&lease.call_json("echo", &text).unwrap(), &text);
        // The same through types of `serde`, whose answer is a value that JSON would give for it.
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let answer: serde_json::Value = lease.call("echo", &value).unwrap();
        prop_assert_eq!(lease.call_json("echo", &json(answer)).unwrap(), text);
    }
}
