/// The fold of sums S over lanes by the fixed tree, see `LaneNode`: S(lanes) = S(lower) + S(upper), down to single
/// lanes. The lower subtree has the largest power of two of lanes that leaves at least one to the upper one.
@inline(always)
func halves(of lanes: Range<Int>) -> (lower: Range<Int>, upper: Range<Int>) {
  var size = 1
  while size * 2 < lanes.count { size *= 2 }
  let middle = lanes.lowerBound + size
  return (lanes.lowerBound..<middle, middle..<lanes.upperBound)
}
