use ir::Padding;

/// Elements in linear memory: the address of the first one and the distance, in elements, along each dimension.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct View {
    /// Byte address of the element at the origin.
    pub address: u32,
    /// Size of each dimension.
    pub shape: Vec<usize>,
    /// Elements between neighbors along each dimension.
    pub strides: Vec<usize>,
    /// Zeros that surround rows and columns of a rank-4 view.
    pub border: Padding,
}

impl View {
    /// Whether the elements lie one after the other in row-major order.
    #[must_use]
    pub fn is_dense(&self) -> bool {
        is_dense(&self.shape, &self.strides)
    }

    /// Byte address of every element, in row-major order.
    pub fn addresses(&self) -> impl Iterator<Item = u64> + use<> {
        self.rows().flat_map(|row| (0..row.length as u64).map(move |index| row.address + index * row.stride))
    }

    /// The elements, in row-major order, as rows that are as long as can be.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row> + use<> {
        // Axes from `outer` on go on where the next one ends.
        let (mut outer, mut length, mut stride) = (self.shape.len(), 1, 1);
        while outer > 0 && (length == 1 || self.shape[outer - 1] == 1 || self.strides[outer - 1] == length * stride) {
            outer -= 1;
            if self.shape[outer] > 1 && length == 1 {
                stride = self.strides[outer];
            }
            length *= self.shape[outer];
        }
        let rows = View {
            address: self.address,
            shape: self.shape[..outer].to_vec(),
            strides: self.strides[..outer].to_vec(),
            border: Padding::ZERO,
        };
        let count: usize = rows.shape.iter().product();
        let mut index = vec![0_usize; outer];
        let mut offset = 0_u64;
        (0..count).map(move |_| {
            let address = u64::from(rows.address) + 4 * offset;
            for axis in (0..outer).rev() {
                index[axis] += 1;
                offset += rows.strides[axis] as u64;
                if index[axis] < rows.shape[axis] {
                    break;
                }
                offset -= (rows.shape[axis] * rows.strides[axis]) as u64;
                index[axis] = 0;
            }
            Row { address, stride: 4 * stride as u64, length }
        })
    }

    /// Byte addresses of the border's elements of a rank-4 view, in no particular order.
    pub fn border_addresses(&self) -> impl Iterator<Item = u64> + use<> {
        self.border_rows().flat_map(|row| (0..row.length as u64).map(move |index| row.address + index * row.stride))
    }

    /// The border's elements of a rank-4 view, in no particular order: a row for each pixel.
    pub(crate) fn border_rows(&self) -> impl Iterator<Item = Row> + use<> {
        let ([n, h, w, c], [sn, sh, sw, sc]) = (four(&self.shape), four(&self.strides));
        let Padding { top, left, bottom, right } = self.border;
        let origin = u64::from(self.address) - 4 * (top * sh + left * sw) as u64;
        let (rows, columns) = (top + h + bottom, left + w + right);
        let pixels = (0..n).flat_map(move |image| {
            (0..rows).flat_map(move |row| {
                let inside = (top..top + h).contains(&row);
                // Of a row inside only the two ends.
                let (start, end) = if inside { (0..left, left + w..columns) } else { (0..columns, 0..0) };
                start.chain(end).map(move |column| [image, row, column])
            })
        });
        pixels.map(move |[image, row, column]| {
            let address = origin + 4 * (image * sn + row * sh + column * sw) as u64;
            Row { address, stride: 4 * sc as u64, length: c }
        })
    }
}

/// Elements at equal distances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    /// Byte address of the first one.
    pub(crate) address: u64,
    /// Bytes from one to the next.
    pub(crate) stride: u64,
    pub(crate) length: usize,
}

/// Whether strides are those of row-major order; an axis of size 1 may have any.
pub(crate) fn is_dense(shape: &[usize], strides: &[usize]) -> bool {
    let mut expected = 1;
    for axis in (0..shape.len()).rev() {
        if shape[axis] != 1 && strides[axis] != expected {
            return false;
        }
        expected *= shape[axis];
    }
    true
}

pub(crate) fn four(sizes: &[usize]) -> [usize; 4] {
    sizes.try_into().expect("spatial operands have rank 4")
}
