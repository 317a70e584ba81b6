//! What a guest's source says of itself, carried through the linker in the custom section `wasmtube-decl`.
//!
//! The SDK writes one [`Declaration`] a line; the linker joins the lines of all object files. Packing turns them into
//! a [`Manifest`] ([`read_declarations`]) and drops them ([`remove_declarations`]): a sealed file says everything once.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::reason::reason;
use crate::section::{PREAMBLE_LEN, Section, is_wasm, sections};
use crate::{FunctionDecl, KindError, Manifest, Producer, State, ValueKind, export};

/// Name of the custom section that holds the declarations.
pub const DECLARATION_SECTION: &str = "wasmtube-decl";

const PAGE_BYTES: u64 = 65_536;
const MEMORY_SECTION: u8 = 5;
const EXPORT_SECTION: u8 = 7;
const TARGET_FEATURES: &[u8] = b"target_features";
/// What the tool chain calls features that are part of Wasm 2.0, or that concern its object files only.
const STANDARD_FEATURES: [&str; 9] = [
    "bulk-memory",
    "bulk-memory-opt",
    "call-indirect-overlong",
    "multivalue",
    "mutable-globals",
    "nontrapping-fptoint",
    "reference-types",
    "sign-ext",
    "simd128",
];

/// One line of the section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Declaration {
    /// The module as a whole, once.
    Module {
        /// See [`Manifest::name`].
        name: String,
        /// See [`Manifest::version`].
        version: String,
        /// See [`Manifest::state`].
        state: State,
    },
    /// One function.
    Function {
        /// Name of the export.
        name: String,
        /// See [`FunctionDecl::takes`].
        takes: Vec<ValueKind>,
        /// See [`FunctionDecl::returns`].
        returns: Vec<ValueKind>,
        /// See [`FunctionDecl::about`].
        #[serde(default, skip_serializing_if = "String::is_empty")]
        about: String,
    },
}

impl Declaration {
    /// The declaration as it stands in the section: one line of JSON with its line feed.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = serde_json::to_string(self).expect("strings and unit variants always become JSON");
        line.push('\n');
        line
    }
}

/// Why the declarations of a module cannot become a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeclarationError {
    /// The bytes do not begin like a Wasm file.
    #[error("not a Wasm file: it does not begin with \\0asm")]
    NotWasm,
    /// The file ends inside a section.
    #[error("the file ends inside a section: it was cut at {length} bytes")]
    Cut {
        /// Length of the file in bytes.
        length: usize,
    },
    /// A section that the manifest is made from cannot be read.
    #[error("the {section} section is malformed")]
    Malformed {
        /// Which one.
        section: &'static str,
    },
    /// A line is not a declaration.
    #[error("line {line} of the section `wasmtube-decl` is not a declaration: {reason}")]
    Line {
        /// Number of the line, from 1.
        line: usize,
        /// What the JSON reader says.
        reason: String,
    },
    /// Functions are declared, the module is not.
    #[error("the module declares functions but not itself: write `wasmtube_guest::module!` once")]
    NoModule,
    /// The module is declared more than once.
    #[error("the module declares itself as `{first}` and as `{second}`: write `wasmtube_guest::module!` once")]
    SecondModule {
        /// Name in the first declaration.
        first: String,
        /// Name in the second one.
        second: String,
    },
    /// A function is declared more than once.
    #[error("the function `{name}` is declared twice")]
    SecondFunction {
        /// Name of the export.
        name: String,
    },
    /// A function is declared with a kind whose values cannot cross.
    #[error("the function `{function}` is declared with a kind that cannot cross")]
    Kind {
        /// Name of the export.
        function: String,
        /// What is wrong with the kind.
        #[source]
        source: KindError,
    },
    /// The core ABI v1 or a declaration asks for an export that is missing.
    #[error("the module does not export {kind} `{name}`, which its declarations promise")]
    NotExported {
        /// `the function` or `the memory`.
        kind: &'static str,
        /// Name of the export.
        name: String,
    },
}

/// The manifest that the declarations of a module amount to, or `None` if it holds none.
///
/// Memory is the initial size of the module's own memory. Wasm features come from the tool chain's section
/// `target_features` where there is one.
///
/// # Errors
/// [`DeclarationError`]: the file is not whole, a declaration is unreadable, doubled or missing, or an export that
/// the declarations promise does not exist.
pub fn read_declarations(module: &[u8], producer: Producer) -> Result<Option<Manifest>, DeclarationError> {
    let found = well_formed_sections(module)?;
    let mut texts = found.clone().filter_map(|section| declarations(&section)).peekable();
    if texts.peek().is_none() {
        return Ok(None);
    }
    let mut header: Option<(String, String, State)> = None;
    let mut functions = BTreeMap::new();
    for (index, line) in texts.flat_map(|text| text.split(|byte| *byte == b'\n')).enumerate() {
        if line.is_empty() {
            continue;
        }
        let declaration = serde_json::from_slice(line)
            .map_err(|error| DeclarationError::Line { line: index + 1, reason: reason(&error) })?;
        match declaration {
            Declaration::Module { name, version, state } => match header {
                None => header = Some((name, version, state)),
                Some((first, ..)) => return Err(DeclarationError::SecondModule { first, second: name }),
            },
            Declaration::Function { name, takes, returns, about } => {
                if functions.contains_key(&name) {
                    return Err(DeclarationError::SecondFunction { name });
                }
                if let Some(source) = takes.iter().chain(&returns).find_map(|kind| kind.check().err()) {
                    return Err(DeclarationError::Kind { function: name, source });
                }
                functions.insert(name, FunctionDecl { takes, returns, about });
            }
        }
    }
    let (name, version, state) = header.ok_or(DeclarationError::NoModule)?;
    check_exports(&found, functions.keys())?;
    Ok(Some(Manifest {
        name,
        version,
        functions,
        state,
        window: None,
        model: None,
        features: features(&found)?,
        memory_bytes: memory_bytes(&found)?,
        producer,
    }))
}

/// The module without its declarations; everything else keeps its bytes and its order.
///
/// # Errors
/// [`DeclarationError::NotWasm`], [`DeclarationError::Cut`].
pub fn remove_declarations(module: &[u8]) -> Result<Vec<u8>, DeclarationError> {
    let mut rest = module[..PREAMBLE_LEN.min(module.len())].to_vec();
    let mut start = PREAMBLE_LEN;
    for section in well_formed_sections(module)? {
        let end = section.payload_start + section.payload.len();
        if declarations(&section).is_none() {
            rest.extend_from_slice(&module[start..end]);
        }
        start = end;
    }
    Ok(rest)
}

fn well_formed_sections(module: &[u8]) -> Result<impl Iterator<Item = Section<'_>> + Clone, DeclarationError> {
    if !is_wasm(module) {
        return Err(DeclarationError::NotWasm);
    }
    let cut = |_| DeclarationError::Cut { length: module.len() };
    for section in sections(module) {
        section.map_err(cut)?;
    }
    Ok(sections(module).flatten())
}

fn declarations<'a>(section: &Section<'a>) -> Option<&'a [u8]> {
    section.custom().filter(|(name, _)| *name == DECLARATION_SECTION.as_bytes()).map(|(_, content)| content)
}

fn check_exports<'m, 'f>(
    found: &(impl Iterator<Item = Section<'m>> + Clone),
    functions: impl Iterator<Item = &'f String>,
) -> Result<(), DeclarationError> {
    const FUNCTION: u8 = 0;
    const MEMORY: u8 = 2;
    let exports = exports(found).ok_or(DeclarationError::Malformed { section: "export" })?;
    let promised = [export::MARKER, export::ALLOC, export::FREE].into_iter().chain(functions.map(String::as_str));
    for (kind, code, name) in
        promised.map(|name| ("the function", FUNCTION, name)).chain([("the memory", MEMORY, export::MEMORY)])
    {
        if !exports.contains(&(name.as_bytes(), code)) {
            return Err(DeclarationError::NotExported { kind, name: name.into() });
        }
    }
    Ok(())
}

/// Name and kind of every export.
fn exports<'a>(found: &(impl Iterator<Item = Section<'a>> + Clone)) -> Option<Vec<(&'a [u8], u8)>> {
    let Some(section) = found.clone().find(|section| section.id == EXPORT_SECTION) else { return Some(Vec::new()) };
    let mut reader = Reader(section.payload);
    let mut exports = Vec::new();
    for _ in 0..reader.number()? {
        exports.push((reader.name()?, reader.byte()?));
        reader.number()?;
    }
    Some(exports)
}

/// Initial bytes of the first memory that the module defines, 0 if it defines none.
fn memory_bytes<'a>(found: &(impl Iterator<Item = Section<'a>> + Clone)) -> Result<u64, DeclarationError> {
    let Some(section) = found.clone().find(|section| section.id == MEMORY_SECTION) else { return Ok(0) };
    let mut reader = Reader(section.payload);
    let pages = match (reader.number(), reader.byte()) {
        (Some(0), _) => Some(0),
        // Flags: a maximum follows, shared, 64-bit addresses.
        (Some(_), Some(0..=7)) => reader.number(),
        _ => None,
    };
    pages.and_then(|pages| pages.checked_mul(PAGE_BYTES)).ok_or(DeclarationError::Malformed { section: "memory" })
}

/// Wasm features beyond 2.0 that the tool chain was allowed to use.
fn features<'a>(found: &(impl Iterator<Item = Section<'a>> + Clone)) -> Result<Vec<String>, DeclarationError> {
    let mut customs = found.clone().filter_map(|section| section.custom());
    let Some((_, content)) = customs.find(|(name, _)| *name == TARGET_FEATURES) else {
        return Ok(Vec::new());
    };
    used_features(content).ok_or(DeclarationError::Malformed { section: "target_features" })
}

fn used_features(content: &[u8]) -> Option<Vec<String>> {
    let mut reader = Reader(content);
    let mut features = Vec::new();
    for _ in 0..reader.number()? {
        let used = reader.byte()? == b'+';
        let name = core::str::from_utf8(reader.name()?).ok()?;
        if used && !STANDARD_FEATURES.contains(&name) {
            features.push(name.into());
        }
    }
    features.sort();
    Some(features)
}

/// Reads the payload of a section from its front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// An unsigned LEB128 number of at most 64 bits.
    fn number(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let low = u64::from(byte & 0x7f);
            if low << shift >> shift != low {
                return None;
            }
            value |= low << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn name(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.number()?).ok()?;
        let (name, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(name)
    }
}

#[cfg(test)]
mod tests;
