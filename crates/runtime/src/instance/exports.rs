//! Exports of an instance, looked up once.

use std::any::Any;

use abi::export;
use wasmtime::component::ComponentExportIndex;
use wasmtime::{Func, Store, TypedFunc, WasmParams, WasmResults};

use super::Host;
use crate::call_error::CallError;
use crate::module::{Form, Function, Interface};

type I32x2 = (i32, i32);
type I32x4 = (i32, i32, i32, i32);

/// One function that can be called.
pub(crate) struct Entry {
    /// For calls with numbers; components have none.
    pub(crate) func: Option<Func>,
    /// For calls with values.
    pub(crate) raw: Raw,
    /// A `TypedFunc`, of the types that it was last called with.
    typed: Option<Box<dyn Any + Send>>,
}

impl Entry {
    /// The function in the form in which it is called without looking at its type.
    #[inline]
    pub(crate) fn typed<A: WasmParams + 'static, R: WasmResults + 'static>(
        &mut self,
        store: &Store<Host>,
    ) -> Option<&TypedFunc<A, R>> {
        if !self.typed.as_ref().is_some_and(|typed| typed.is::<TypedFunc<A, R>>()) {
            self.typed = Some(Box::new(self.func?.typed::<A, R>(store).ok()?));
        }
        self.typed.as_ref()?.downcast_ref()
    }
}

/// The typed forms of values.
#[derive(Clone)]
pub(crate) enum Raw {
    Data(TypedFunc<I32x2, i64>),
    Picture(TypedFunc<I32x4, i64>),
    ClassicData(TypedFunc<I32x2, i32>),
    ClassicPicture(TypedFunc<I32x4, i32>),
    Component(wasmtime::component::Func),
    None,
}

/// The services of the core ABI v1.
#[derive(Clone)]
pub(crate) struct Core {
    pub(crate) alloc: TypedFunc<I32x2, i32>,
    pub(crate) free: TypedFunc<I32x2, ()>,
    /// Says where the message of a panic lies, 0 if there was none.
    pub(crate) panic: Option<TypedFunc<(), i64>>,
}

/// The exports of a compiled model.
#[derive(Clone)]
pub(crate) struct ModelExports {
    pub(crate) infer: TypedFunc<(), ()>,
    pub(crate) step: TypedFunc<i32, ()>,
    /// `image` and `image_step`.
    pub(crate) image: Option<(TypedFunc<I32x4, i32>, TypedFunc<i32, ()>)>,
}

fn unresolved(name: &str) -> CallError {
    CallError::internal(format!("export `{name}` has another type than when the module was read"))
}

pub(super) fn entries(
    store: &mut Store<Host>,
    instance: &wasmtime::Instance,
    interface: &Interface,
) -> Result<Vec<Entry>, CallError> {
    let mut entries = Vec::with_capacity(interface.functions().len());
    for function in interface.functions() {
        let failed = |_| unresolved(&function.name);
        let func = instance.get_func(&mut *store, &function.name).ok_or_else(|| unresolved(&function.name))?;
        let raw = match function.form {
            Form::Data => Raw::Data(func.typed(&*store).map_err(failed)?),
            Form::Picture => Raw::Picture(func.typed(&*store).map_err(failed)?),
            Form::ClassicData => Raw::ClassicData(func.typed(&*store).map_err(failed)?),
            Form::ClassicPicture => Raw::ClassicPicture(func.typed(&*store).map_err(failed)?),
            Form::Tensors | Form::Scalars | Form::Component => Raw::None,
        };
        entries.push(Entry { func: Some(func), raw, typed: None });
    }
    Ok(entries)
}

pub(super) fn component_entries(
    store: &mut Store<Host>,
    instance: wasmtime::component::Instance,
    exports: &[ComponentExportIndex],
    interface: &Interface,
) -> Result<Vec<Entry>, CallError> {
    let entry = |(index, function): (&ComponentExportIndex, &Function)| {
        let found = instance.get_func(&mut *store, index).ok_or_else(|| unresolved(&function.name))?;
        Ok(Entry { func: None, raw: Raw::Component(found), typed: None })
    };
    exports.iter().zip(interface.functions()).map(entry).collect()
}

pub(super) fn core(store: &mut Store<Host>, instance: &wasmtime::Instance) -> Option<Core> {
    Some(Core {
        alloc: instance.get_typed_func(&mut *store, export::ALLOC).ok()?,
        free: instance.get_typed_func(&mut *store, export::FREE).ok()?,
        panic: instance.get_typed_func(&mut *store, export::PANIC).ok(),
    })
}

pub(super) fn model(store: &mut Store<Host>, instance: &wasmtime::Instance) -> Result<ModelExports, CallError> {
    let infer = instance.get_typed_func(&mut *store, export::INFER).map_err(|_| unresolved(export::INFER))?;
    let step = instance.get_typed_func(&mut *store, export::STEP).map_err(|_| unresolved(export::STEP))?;
    let image = instance.get_typed_func(&mut *store, export::IMAGE).ok();
    let image_step = instance.get_typed_func(&mut *store, export::IMAGE_STEP).ok();
    Ok(ModelExports { infer, step, image: image.zip(image_step) })
}
