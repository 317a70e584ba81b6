//! Whether classic functions find a place for their arguments: what the manifest chooses, and what is safe without.

use abi::{Manifest, Window};

use super::shape::Shape;
use super::{Form, Function, Interface};
use crate::ScalarType;
use crate::load_error::LoadError;

/// The window that a manifest chooses must be one of this module.
pub(super) fn check(manifest: &Manifest, functions: &[Function], shape: &Shape) -> Result<(), LoadError> {
    let Some(window) = &manifest.window else { return Ok(()) };
    let contradiction =
        |found: String| LoadError::Contradiction { said: format!("that the window is `{window}`"), found };
    if !functions.iter().any(is_classic) {
        return Err(contradiction("no function is of the classic convention".into()));
    }
    match window {
        Window::End => Ok(()),
        Window::At(address) => match shape.memory.as_ref().and_then(|memory| memory.max_bytes) {
            Some(most) if u64::from(*address) >= most => {
                Err(contradiction(format!("the memory never has more than {most} bytes")))
            }
            Some(_) | None => Ok(()),
        },
        Window::Alloc(name) => match shape.functions.get(name) {
            Some(Some(signature)) if [1, 2].iter().any(|count| signature.is_i32s_to(*count, &[ScalarType::I32])) => {
                Ok(())
            }
            Some(_) => Err(contradiction(format!("`{name}` does not take bytes and answer an address"))),
            None => Err(contradiction(format!("the module exports no function `{name}`"))),
        },
    }
}

pub(super) fn is_classic(function: &Function) -> bool {
    matches!(function.form, Form::ClassicData | Form::ClassicPicture)
}

impl Interface {
    /// Why classic functions get no arguments at the end of memory unless somebody chooses that, if they do not.
    #[must_use]
    pub fn end_window_problem(&self) -> Option<&'static str> {
        if self.is_assembly_script() {
            return Some("the module is built by AssemblyScript, whose allocator takes the end of memory for its own");
        }
        let memory = self.memory.as_ref()?;
        let cannot_grow = memory.max_bytes.is_some_and(|most| most <= memory.min_bytes);
        cannot_grow.then_some("the module's memory may not grow")
    }

    /// Whether the allocator is of a kind that takes the end of memory for its own.
    fn is_assembly_script(&self) -> bool {
        self.service.contains_key("__new")
            || self.service.contains_key("__pin")
            || self.imports.iter().any(super::Import::is_abort)
    }
}
