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
    pub fn addresses(&self) -> impl Iterator<Item = u64> + '_ {
        let elements: usize = self.shape.iter().product();
        let mut index = vec![0_usize; self.shape.len()];
        let mut offset = 0_u64;
        (0..elements).map(move |_| {
            let address = u64::from(self.address) + 4 * offset;
            for axis in (0..self.shape.len()).rev() {
                index[axis] += 1;
                offset += self.strides[axis] as u64;
                if index[axis] < self.shape[axis] {
                    break;
                }
                offset -= (self.shape[axis] * self.strides[axis]) as u64;
                index[axis] = 0;
            }
            address
        })
    }

    /// Byte addresses of the border's elements of a rank-4 view, in no particular order.
    pub fn border_addresses(&self) -> impl Iterator<Item = u64> + use<> {
        let ([n, h, w, c], [sn, sh, sw, sc]) = (four(&self.shape), four(&self.strides));
        let Padding { top, left, bottom, right } = self.border;
        let origin = u64::from(self.address) - 4 * (top * sh + left * sw) as u64;
        let (rows, columns) = (top + h + bottom, left + w + right);
        let pixels = (0..n).flat_map(move |image| {
            (0..rows).flat_map(move |row| {
                let inside = (top..top + h).contains(&row);
                // Of a row inside only the two ends.
                let skipped = if inside { left..left + w } else { 0..0 };
                (0..columns).filter(move |column| !skipped.contains(column)).map(move |column| [image, row, column])
            })
        });
        pixels.flat_map(move |[image, row, column]| {
            let pixel = origin + 4 * (image * sn + row * sh + column * sw) as u64;
            (0..c).map(move |channel| pixel + 4 * (channel * sc) as u64)
        })
    }
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
