//! What to say about an operator that is not supported.

use super::ops::OPERATORS;
use crate::model::shown;

/// Longer names are not compared.
const LONGEST: usize = 40;

/// Help for an operator of ONNX's own domain.
pub(super) fn instead_of(operator: &str) -> String {
    match operator {
        "If" | "Loop" | "Scan" => {
            return "control flow is not supported: export the model with constant conditions and unrolled loops"
                .into();
        }
        "QuantizeLinear"
        | "DequantizeLinear"
        | "DynamicQuantizeLinear"
        | "QLinearConv"
        | "QLinearMatMul"
        | "ConvInteger"
        | "MatMulInteger" => return QUANTIZED.into(),
        _ => {}
    }
    let near: Vec<&str> = near(operator);
    if near.is_empty() {
        "express it with supported operators when exporting; `wasmtube explain E0201` lists them".to_owned()
    } else {
        format!("supported operators with a similar name: {}", near.join(", "))
    }
}

/// Help for an operator of another domain.
pub(super) fn other_domain(operator: &str) -> String {
    if operator.starts_with("QLinear") {
        QUANTIZED.into()
    } else {
        "export the model with operators of ONNX's own domain only".into()
    }
}

const QUANTIZED: &str = "quantized operators are not supported: export the model before it was quantized, in float32";

/// The names that may be given instead of `name`, the likeliest first; `list` introduces them.
pub(super) fn one_of(name: &str, names: &[&str], list: &str) -> Option<String> {
    const MOST: usize = 8;
    let quoted = |names: &[&str]| names.iter().map(|name| format!("`{}`", shown(name))).collect::<Vec<_>>().join(", ");
    let list = match names {
        [] => return None,
        [only] => return Some(format!("{} `{}`", list.replace("s of the model are", " of the model is"), shown(only))),
        _ if names.len() <= MOST => format!("{list} {}", quoted(names)),
        _ => format!("{list} {} and {} more", quoted(&names[..MOST]), names.len() - MOST),
    };
    Some(match closest(name, names) {
        Some(closest) => format!("did you mean `{}`? {}", shown(closest), capitalized(&list)),
        None => list,
    })
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The name that differs least from what was given, if it differs little.
fn closest<'n>(given: &str, names: &[&'n str]) -> Option<&'n str> {
    let short = |name: &str| name.len() <= LONGEST;
    let candidates = names.iter().filter(|name| short(given) && short(name));
    let distances = candidates
        .map(|name| (distance(given.to_ascii_lowercase().as_bytes(), name.to_ascii_lowercase().as_bytes()), *name));
    distances.filter(|(distance, name)| *distance <= name.len().max(given.len()) / 2).min().map(|(_, name)| name)
}

fn near(operator: &str) -> Vec<&'static str> {
    if operator.len() > LONGEST {
        return vec![];
    }
    let operator = operator.to_ascii_lowercase();
    let mut near: Vec<(usize, &str)> = OPERATORS
        .iter()
        .filter_map(|candidate| {
            let name = candidate.name.to_ascii_lowercase();
            let allowed = (name.len() + 1) / 3;
            let related =
                name.len() >= 4 && operator.len() >= 4 && (operator.contains(&name) || name.contains(&operator));
            let distance = distance(operator.as_bytes(), name.as_bytes());
            (related || distance <= allowed).then_some((distance, candidate.name))
        })
        .collect();
    near.sort_unstable();
    near.into_iter().take(4).map(|(_, name)| name).collect()
}

/// Levenshtein's distance.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance(b"kitten", b"sitting"), 3);
        assert_eq!(distance(b"", b"abc"), 3);
    }

    #[test]
    fn near_names_are_found() {
        assert_eq!(near("ConvTranspose"), ["Transpose", "Conv"]);
        assert!(near("Frobnicate").is_empty());
    }
}
