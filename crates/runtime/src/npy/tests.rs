use super::*;

/// What `numpy.save` writes for `numpy.arange(3, dtype='<f4')`.
fn three_floats() -> Vec<u8> {
    let mut file = b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }".to_vec();
    file.resize(127, b' ');
    file.push(b'\n');
    for value in [0.0_f32, 1.0, 2.0] {
        file.extend_from_slice(&value.to_le_bytes());
    }
    file
}

fn with_header(version: [u8; 2], header: &str, data: &[u8]) -> Vec<u8> {
    let mut file = MAGIC.to_vec();
    file.extend_from_slice(&version);
    if version[0] == 1 {
        file.extend_from_slice(&u16::try_from(header.len()).unwrap().to_le_bytes());
    } else {
        file.extend_from_slice(&u32::try_from(header.len()).unwrap().to_le_bytes());
    }
    [&file, header.as_bytes(), data].concat()
}

#[track_caller]
fn check_refused(header: &str, data: &[u8], expected: &str) {
    let error = read(&with_header([1, 0], header, data)).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn file_of_numpy_is_read_and_written_alike() {
    let tensor = read(&three_floats()).unwrap();
    assert_eq!((tensor.dtype(), tensor.shape()), (DataType::F32, &[3][..]));
    assert_eq!(tensor.f32s().unwrap(), [0.0, 1.0, 2.0]);
    assert_eq!(write(&tensor), three_floats());
}

#[test]
fn every_type_and_rank_survives_the_trip() {
    for (dtype, size) in [
        (DataType::F32, 4),
        (DataType::F64, 8),
        (DataType::F16, 2),
        (DataType::I8, 1),
        (DataType::U8, 1),
        (DataType::I16, 2),
        (DataType::U16, 2),
        (DataType::I32, 4),
        (DataType::U32, 4),
        (DataType::I64, 8),
        (DataType::U64, 8),
        (DataType::Bool, 1),
    ] {
        for shape in [vec![], vec![0], vec![6], vec![1, 2, 3]] {
            let elements: u64 = shape.iter().product();
            let bytes = (0..elements * size).map(|byte| byte as u8).collect();
            let tensor = Tensor::new(dtype, shape, bytes).unwrap();
            let file = write(&tensor);
            assert_eq!(read(&file), Ok(tensor));
            assert_eq!((file.len() - elements as usize * size as usize) % ALIGN, 0);
        }
    }
}

#[test]
fn later_versions_are_read() {
    let header = "{\"shape\": (2L, 1), 'fortran_order':False,'descr':'|u1'}\n";
    for version in [[2, 0], [3, 0]] {
        assert_eq!(read(&with_header(version, header, &[7, 8])).unwrap().shape(), [2, 1]);
    }
    assert_eq!(read(&with_header([4, 0], header, &[7, 8])), Err(NpyError::Version { major: 4, minor: 0 }));
}

#[test]
fn long_headers_are_written_as_version_2() {
    let tensor = Tensor::new(DataType::U8, vec![1; 30_000], vec![9]).unwrap();
    let file = write(&tensor);
    assert_eq!(file[6], 2);
    assert_eq!(read(&file), Ok(tensor));
}

#[test]
fn what_cannot_be_read_is_refused() {
    check_refused(
        "{'descr': '>f4', 'fortran_order': False, 'shape': ()}",
        &[0; 4],
        "element type `>f4` is not supported: use little-endian f2, f4, f8, i1 to i8, u1 to u8 or b1",
    );
    check_refused(
        "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1)}",
        &[0; 4],
        "the array is in Fortran order: save it with numpy.ascontiguousarray",
    );
    check_refused(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9)}",
        &[0; 4],
        "an array of f32 with shape [9223372036854775807, 9] does not have 4 bytes of elements",
    );
    check_refused(
        "{'descr': '<f4', 'shape': ()}",
        &[],
        "the .npy header is malformed at byte 29: each of the keys descr, fortran_order and shape expected",
    );
    check_refused("{'descr': [('a', '<f4')]}", &[], "the .npy header is malformed at byte 10: a quoted text expected");
}

#[test]
fn a_cut_at_any_byte_is_refused() {
    let whole = three_floats();
    for len in 0..whole.len() {
        assert!(read(&whole[..len]).is_err(), "cut at {len}");
    }
}

#[test]
fn changed_header_bytes_never_panic() {
    let whole = three_floats();
    for at in 0..128 {
        for byte in [0, b'\'', b'9', b'(', b')', b'}', 0xff] {
            let mut file = whole.clone();
            file[at] = byte;
            drop(read(&file));
        }
    }
}
