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

/// Each number is read as the same bits again, is written as JSON writes numbers, and has at most nine digits. Answers how
/// many are longer than they must be.
#[track_caller]
fn check(writer: &mut Writer, bits: &[u32]) -> usize {
    let mut longer = 0;
    for (bits, text) in bits.iter().zip(writer.texts(bits)) {
        let value = f32::from_bits(*bits);
        if !value.is_finite() {
            assert_eq!(text, "null", "{bits:#010x}");
            continue;
        }
        assert_eq!(text.parse::<f32>().unwrap().to_bits(), *bits, "{text} for {value:e}");
        assert!(serde_json::from_str::<serde_json::Number>(&text).unwrap().is_f64(), "{text}");
        assert!(text.len() < classic::NUMBER_BYTES_MAX as usize, "{text}");
        let digits = |text: &str| {
            let mantissa: String = text.split('e').next().unwrap().chars().filter(char::is_ascii_digit).collect();
            mantissa.trim_matches('0').len()
        };
        let shortest = digits(&format!("{value:e}"));
        assert!(digits(&text) >= shortest && digits(&text) <= 9, "{text} for {value:e}");
        longer += usize::from(digits(&text) > shortest);
    }
    longer
}

#[test]
fn numbers_are_written_like_those_of_the_paper() {
    let cases: &[(f32, &str)] = &[
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (-1.5, "-1.5"),
        (0.1, "0.1"),
        (0.3, "0.3"),
        (16_777_216.0, "16777216.0"),
        (9.999_999, "9.999999"),
        (123_456.79, "123456.79"),
        (1e12, "1000000000000.0"),
        (1e13, "1e13"),
        (-1.25e20, "-1.25e20"),
        (0.001_234, "0.001234"),
        (0.000_001_5, "0.0000015"),
        (1.5e-7, "1.5e-7"),
        (-1.234_567_9e-6, "-0.0000012345679"),
        (f32::MAX, "3.4028235e38"),
        (f32::MIN_POSITIVE, "1.1754944e-38"),
        (1e-45, "1e-45"),
        (9.8e-45, "1e-44"),
        (f32::INFINITY, "null"),
        (f32::NEG_INFINITY, "null"),
        (f32::NAN, "null"),
    ];
    let bits: Vec<u32> = cases.iter().map(|(value, _)| value.to_bits()).collect();
    for ((value, expected), text) in cases.iter().zip(Writer::new(cases.len()).texts(&bits)) {
        assert_eq!(text, *expected, "{value:e}");
    }
}

/// The ends and the middle of every binade, with their neighbors, and both signs.
#[test]
fn numbers_of_every_exponent_are_read_as_the_same_bits() {
    let mut bits = vec![];
    for exponent in 0..=255_u32 {
        for mantissa in (0..4).chain(0x3f_fffd..0x40_0004).chain(0x7f_fffc..0x80_0000) {
            bits.extend([0, 1 << 31].map(|sign| sign | exponent << 23 | mantissa));
        }
    }
    let longer = check(&mut Writer::new(bits.len()), &bits);
    assert!(longer < bits.len() / 100, "{longer} of {} are longer than they must be", bits.len());
}

#[test]
fn powers_of_ten_and_their_neighbors_are_read_as_the_same_bits() {
    let powers = (-45..=38).map(|exponent| format!("1e{exponent}").parse::<f32>().unwrap().to_bits());
    let bits: Vec<u32> = powers.flat_map(|bits| (bits.saturating_sub(20)..bits + 20).collect::<Vec<_>>()).collect();
    check(&mut Writer::new(bits.len()), &bits);
}

#[test]
fn random_bits_are_read_as_the_same_bits() {
    const COUNT: usize = 50_000;
    let mut random = Numbers::seeded(42);
    let mut writer = Writer::new(COUNT);
    for _ in 0..20 {
        let bits: Vec<u32> = (0..COUNT).map(|_| random.bits() as u32).collect();
        let longer = check(&mut writer, &bits);
        assert!(longer < COUNT / 100, "{longer} of {COUNT} are longer than they must be");
    }
}

/// Subnormal numbers have fewer bits than others.
#[test]
fn subnormal_numbers_are_read_as_the_same_bits() {
    let bits: Vec<u32> = (0..0x80_0000).step_by(167).chain(0..2000).collect();
    check(&mut Writer::new(bits.len()), &bits);
}
