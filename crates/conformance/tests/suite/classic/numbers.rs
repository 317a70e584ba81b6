//! Numbers as the classic `predict` writes them.

use abi::{ChannelOrder, Filter, Layout, Preprocess, Resize, classic};
use codegen::Profile;
use ir::{Graph, TensorType};
use wasmtube_conformance::inputs::Numbers;

use super::PaperHost;

/// The numbers of a list as bits; `null` as a NaN.
pub(super) fn elements(list: &str) -> Vec<u32> {
    list.split(',')
        .map(|text| match text {
            "null" => f32::NAN.to_bits(),
            text => text.parse::<f32>().unwrap().to_bits(),
        })
        .collect()
}

/// A model that answers a constant, whatever the picture.
struct Writer {
    host: PaperHost,
    address: usize,
    shape: [u64; 2],
}

impl Writer {
    fn new(elements: usize) -> Self {
        let mut graph = Graph::new("numbers");
        let picture = graph.input("picture", TensorType::f32([1, 1, 1, 1]));
        let constant = graph.constant("constant", ir::Tensor::new([1, elements], vec![1.5; elements]));
        graph.output("y", constant);
        graph.output("picture", picture);
        let preprocess = Preprocess {
            name: "raw".into(),
            layout: Layout::Nchw,
            resize: Resize::Stretch,
            filter: Filter::Nearest,
            channels: ChannelOrder::Gray,
            mean: vec![0.0],
            scale: vec![1.0],
        };
        let plan = plan::plan_behind(codegen::low_bytes(&graph, &preprocess), graph).unwrap();
        let module = codegen::emit(&plan, Profile::Simd128, Some(&preprocess)).unwrap();
        let address = plan.outputs[0].address as usize;
        Self { host: PaperHost::new(&module.wasm), address, shape: [1, elements as u64] }
    }

    /// The texts of these numbers.
    fn texts(&mut self, bits: &[u32]) -> Vec<String> {
        assert_eq!(bits.len() as u64, self.shape[1]);
        let bytes: Vec<u8> = bits.iter().flat_map(|bits| bits.to_le_bytes()).collect();
        self.host.memory.write(&mut self.host.store, self.address, &bytes).unwrap();
        let text = self.host.call(classic::INDEX as usize, &[7; 3], 1, 1).unwrap();
        let start = classic::answer_start(&self.shape);
        let list = text.strip_prefix(&start).unwrap().strip_suffix("]}").unwrap();
        list.split(',').map(str::to_owned).collect()
    }
}
