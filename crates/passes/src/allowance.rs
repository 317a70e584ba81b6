use ir::Graph;

/// Elements beyond those that are in proportion to the constants of the graph.
const SPARE: usize = 1 << 22;

/// Elements of new constants that a pass may still make: many nodes may read one constant, and each may want it in
/// another form.
pub(crate) struct Allowance(usize);

impl Allowance {
    /// Four times what the constants of the graph hold, and some.
    pub(crate) fn of(graph: &Graph) -> Self {
        let constants = graph.values().iter().filter_map(|value| value.constant.as_ref());
        let held: usize = constants.map(|tensor| tensor.data().len()).sum();
        Self(held.saturating_mul(4).saturating_add(SPARE))
    }

    /// Whether that many more may be made.
    pub(crate) fn take(&mut self, elements: usize) -> bool {
        match self.0.checked_sub(elements) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => false,
        }
    }
}
