use std::collections::HashMap;

use super::attribute::{Settings, operator};
use crate::graph::{Graph, ValueId};
use crate::tensor::{MAX_ELEMENTS, Tensor, TensorType};

/// A text that is not a graph.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct ParseError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

/// Reads the text form, one statement a line.
///
/// # Errors
/// The first line that is not a statement, and types that differ from what the operators compute.
pub fn parse(text: &str) -> Result<Graph, ParseError> {
    let mut reader = Reader { graph: Graph::new(""), ids: HashMap::new() };
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with("//") || line == "}" {
            continue;
        }
        let mut cursor = Cursor { rest: line };
        reader.statement(&mut cursor).map_err(|message| ParseError { line: index + 1, message })?;
    }
    Ok(reader.graph)
}

struct Reader {
    graph: Graph,
    ids: HashMap<usize, ValueId>,
}

impl Reader {
    fn statement(&mut self, cursor: &mut Cursor<'_>) -> Result<(), String> {
        if cursor.eat("graph") {
            self.graph.name = cursor.string()?;
            return cursor.expect("{");
        }
        if cursor.eat("input") {
            let number = cursor.value_number()?;
            let name = cursor.string()?;
            cursor.expect(":")?;
            let ty = cursor.ty()?;
            let id = self.graph.input(name, ty);
            return self.define(number, id);
        }
        if cursor.eat("const") {
            let number = cursor.value_number()?;
            let name = cursor.string()?;
            cursor.expect(":")?;
            let ty = cursor.ty()?;
            cursor.expect("=")?;
            let tensor = cursor.tensor(&ty)?;
            let id = self.graph.constant(name, tensor);
            return self.define(number, id);
        }
        if cursor.eat("output") {
            let name = cursor.string()?;
            cursor.expect("=")?;
            let value = self.used(cursor.value_number()?)?;
            self.graph.output(name, value);
            return Ok(());
        }
        self.node(cursor)
    }

    fn node(&mut self, cursor: &mut Cursor<'_>) -> Result<(), String> {
        let number = cursor.value_number()?;
        cursor.expect("=")?;
        let name = cursor.word()?;
        cursor.expect("(")?;
        let mut inputs = vec![];
        while !cursor.eat(")") {
            inputs.push(self.used(cursor.value_number()?)?);
            cursor.eat(",");
        }
        let mut settings = Settings(vec![]);
        if cursor.eat("{") {
            while !cursor.eat("}") {
                let setting = cursor.word()?;
                cursor.expect("=")?;
                settings.0.push((setting.to_owned(), cursor.numbers()?));
                cursor.eat(",");
            }
        }
        let op = operator(name, settings)?;
        cursor.expect(":")?;
        let ty = cursor.ty()?;
        let origin = cursor.string()?;
        let id = self.graph.push(op, &inputs, origin).map_err(|error| format!("{name} {error}"))?;
        if self.graph[id].ty != ty {
            return Err(format!("{name} computes {}, not {ty}", self.graph[id].ty));
        }
        self.define(number, id)
    }

    fn define(&mut self, number: usize, id: ValueId) -> Result<(), String> {
        match self.ids.insert(number, id) {
            Some(_) => Err(format!("%{number} is defined twice")),
            None => Ok(()),
        }
    }

    fn used(&self, number: usize) -> Result<ValueId, String> {
        self.ids.get(&number).copied().ok_or_else(|| format!("%{number} is not defined"))
    }
}

struct Cursor<'t> {
    rest: &'t str,
}

impl<'t> Cursor<'t> {
    fn eat(&mut self, token: &str) -> bool {
        match self.rest.trim_start().strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.eat(token) { Ok(()) } else { Err(format!("expected `{token}` before `{}`", self.rest.trim_start())) }
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest.trim_start();
        let end = rest.find(|c| !keep(c)).unwrap_or(rest.len());
        self.rest = &rest[end..];
        &rest[..end]
    }

    fn word(&mut self) -> Result<&'t str, String> {
        match self.take_while(|c| c.is_ascii_alphanumeric() || c == '_') {
            "" => Err(format!("expected a word before `{}`", self.rest)),
            word => Ok(word),
        }
    }

    fn value_number(&mut self) -> Result<usize, String> {
        self.expect("%")?;
        self.word()?.parse().map_err(|_| "expected a number after `%`".to_owned())
    }

    fn number(&mut self) -> Result<f64, String> {
        let word = self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'));
        word.parse().map_err(|_| format!("`{word}` is not a number"))
    }

    fn numbers(&mut self) -> Result<Vec<f64>, String> {
        self.expect("[")?;
        let mut numbers = vec![];
        while !self.eat("]") {
            numbers.push(self.number()?);
            self.eat(",");
        }
        Ok(numbers)
    }

    /// A string as `{:?}` writes it, with the escapes `\"`, `\\`, `\n`, `\t`, `\r` and `\u{..}`.
    fn string(&mut self) -> Result<String, String> {
        self.expect("\"")?;
        let mut text = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(text);
                }
                '\\' => match chars.next().map(|(_, escaped)| escaped) {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some('u') => {
                        let hex: String = chars
                            .by_ref()
                            .map(|(_, c)| c)
                            .skip_while(|c| *c == '{')
                            .take_while(|c| *c != '}')
                            .collect();
                        let escaped = u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32);
                        text.push(escaped.ok_or("bad escape in a string")?);
                    }
                    Some(escaped) => text.push(escaped),
                    None => break,
                },
                _ => text.push(c),
            }
        }
        Err("a string has no end".into())
    }

    fn ty(&mut self) -> Result<TensorType, String> {
        self.expect("f32")?;
        let sizes = self.numbers()?;
        let ty = TensorType::f32(sizes.iter().map(|size| *size as usize).collect::<Vec<_>>());
        ty.checked_elements().map_err(|error| error.to_string())?;
        Ok(ty)
    }

    fn tensor(&mut self, ty: &TensorType) -> Result<Tensor, String> {
        let elements = ty.elements().min(MAX_ELEMENTS);
        let data: Vec<f32> = if self.eat("splat") {
            vec![self.number()? as f32; elements]
        } else if self.eat("random") {
            random(self.number()? as u64).take(elements).collect()
        } else if self.eat("hash") {
            return Err("a constant written as a hash cannot be read back".into());
        } else {
            self.numbers()?.into_iter().map(|value| value as f32).collect()
        };
        if data.len() != elements {
            return Err(format!("{} elements do not fill {ty}", data.len()));
        }
        Ok(Tensor::new(ty.shape.clone(), data))
    }
}

/// Values in `[-1, 1)` by xorshift64* (Vigna 2016).
fn random(seed: u64) -> impl Iterator<Item = f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(move || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        let bits = state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40;
        bits as f32 / 8_388_608.0 - 1.0
    })
}

#[cfg(test)]
mod tests;
