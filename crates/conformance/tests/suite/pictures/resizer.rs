//! A module that only prepares pictures.

use abi::{Layout, Preprocess, export};
use codegen::Profile;
use ir::{Graph, TensorType};
use wasmtime::{Instance, Module, Store};
use wasmtube_conformance::engine;

/// Packed RGB bytes.
#[derive(Debug, Clone)]
pub(super) struct Rgb {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) bytes: Vec<u8>,
}

pub(super) struct Resizer {
    store: Store<()>,
    instance: Instance,
    address: u32,
    elements: usize,
}

impl Resizer {
    /// A model whose input takes pictures of this width and height and is its output.
    pub(super) fn new(preprocess: &Preprocess, (width, height): (usize, usize)) -> Self {
        let channels = preprocess.channels.count();
        let shape = match preprocess.layout {
            Layout::Nchw => [1, channels, height, width],
            Layout::Nhwc => [1, height, width, channels],
        };
        let mut graph = Graph::new("picture");
        let x = graph.input("x", TensorType::f32(shape));
        graph.output("y", x);
        let plan = plan::plan(graph).unwrap();
        let module = codegen::emit(&plan, Profile::Relaxed, Some(preprocess)).unwrap();
        let engine = engine::wasmtime().unwrap();
        let mut store = Store::new(&engine, ());
        let module = Module::new(&engine, &module.wasm).unwrap();
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        Self { store, instance, address: plan.inputs[0].address, elements: width * height * channels }
    }

    /// The tensor after a picture.
    pub(super) fn tensor_of(&mut self, picture: &Rgb) -> Vec<f32> {
        let bands = self.image(picture);
        assert!(bands > 0, "the picture is refused: {bands}");
        (0..bands).for_each(|band| assert!(self.band(band)));
        self.tensor()
    }

    pub(super) fn image(&mut self, picture: &Rgb) -> i32 {
        let memory = self.instance.get_memory(&mut self.store, export::MEMORY).unwrap();
        let window = memory.data_size(&self.store);
        let pages = picture.bytes.len().div_ceil(65_536) as u64;
        memory.grow(&mut self.store, pages).unwrap();
        // At the very end, where a read too far traps.
        let at = window + pages as usize * 65_536 - picture.bytes.len();
        memory.write(&mut self.store, at, &picture.bytes).unwrap();
        let (width, height) = (picture.width as i32, picture.height as i32);
        self.call_image([at as i32, picture.bytes.len() as i32, width, height])
    }

    pub(super) fn call_image(&mut self, [pointer, length, width, height]: [i32; 4]) -> i32 {
        let image = self.instance.get_typed_func(&mut self.store, export::IMAGE).unwrap();
        image.call(&mut self.store, (pointer, length, width, height)).unwrap()
    }

    pub(super) fn band(&mut self, band: i32) -> bool {
        let step = self.instance.get_typed_func::<i32, ()>(&mut self.store, export::IMAGE_STEP).unwrap();
        step.call(&mut self.store, band).is_ok()
    }

    pub(super) fn tensor(&mut self) -> Vec<f32> {
        let memory = self.instance.get_memory(&mut self.store, export::MEMORY).unwrap();
        let bytes = &memory.data(&self.store)[self.address as usize..][..4 * self.elements];
        bytes.chunks_exact(4).map(|word| f32::from_le_bytes(word.try_into().unwrap())).collect()
    }

    pub(super) fn memory_bytes(&mut self) -> usize {
        let memory = self.instance.get_memory(&mut self.store, export::MEMORY).unwrap();
        memory.data_size(&self.store)
    }
}
