/// A function or class that a pickle may name. Others are refused.
struct PickledName: Hashable {
  let module: String
  let name: String

  /// What it makes, as far as a reader of weights needs to know.
  enum Kind {
    /// A dictionary.
    case dictionary
    /// A tensor or parameter.
    case tensor
    /// A tensor of a layout or type that networks of Weft do not have.
    case unusualTensor
    /// Something without weights.
    case other
  }

  var kind: Kind { Self.kinds[module]?[name] ?? .other }

  /// Whether it is a kind of PyTorch's storages.
  var isStorage: Bool {
    name.hasSuffix("Storage") && ["torch", "torch.cuda", "torch.storage"].contains(module)
  }

  /// Whether a pickle may name it.
  var isAllowed: Bool {
    Self.kinds[module]?[name] != nil || Self.others[module]?.contains(name) == true
      || (isStorage && (TorchElement(storage: name) != nil || Self.untyped.contains(name)))
      || (module == "torch" && TorchElement(type: name) != nil)
  }

  /// Storages whose elements the tensor names.
  static let untyped: Set = ["UntypedStorage", "TypedStorage"]

  private static let attributes: [String: Kind] = ["AttributeDict": .dictionary]

  private static let kinds: [String: [String: Kind]] = [
    "collections": ["OrderedDict": .dictionary, "defaultdict": .dictionary, "Counter": .dictionary],
    "torch._utils": [
      "_rebuild_tensor": .tensor, "_rebuild_tensor_v2": .tensor, "_rebuild_tensor_v3": .tensor,
      "_rebuild_parameter": .tensor, "_rebuild_parameter_with_state": .tensor,
      "_rebuild_qtensor": .unusualTensor, "_rebuild_sparse_tensor": .unusualTensor,
      "_rebuild_sparse_csr_tensor": .unusualTensor, "_rebuild_nested_tensor": .unusualTensor,
      "_rebuild_meta_tensor_no_storage": .unusualTensor, "_rebuild_wrapper_subclass": .unusualTensor,
      "_rebuild_device_tensor_from_numpy": .unusualTensor,
    ],
    "torch._tensor": ["_rebuild_from_type_v2": .tensor],
    "pytorch_lightning.utilities.parsing": attributes, "lightning.pytorch.utilities.parsing": attributes,
    "lightning.fabric.utilities.data": attributes, "lightning_fabric.utilities.data": attributes,
  ]

  private static let numpyArrays: Set = ["scalar", "_reconstruct"]

  /// Classes of options, counters and numbers beside the weights.
  private static let others: [String: Set<String>] = [
    "torch": [
      "Size", "device", "strided", "sparse_coo", "channels_last", "contiguous_format", "preserve_format",
      "per_tensor_affine", "per_channel_affine", "Tensor", "Generator",
    ],
    "torch.nn.parameter": ["Parameter", "Buffer"], "torch.serialization": ["_get_layout"],
    "argparse": ["Namespace"], "_codecs": ["encode"], "copyreg": ["_reconstructor"],
    "copy_reg": ["_reconstructor"],
    "builtins": [
      "set", "frozenset", "slice", "complex", "range", "list", "tuple", "dict", "object", "int", "float",
      "str",
      "bool", "bytes", "bytearray",
    ],
    "__builtin__": [
      "set", "frozenset", "slice", "complex", "xrange", "list", "tuple", "dict", "object", "int", "float",
      "str", "unicode", "bool", "bytearray", "long",
    ],
    "numpy": ["dtype", "ndarray", "float64", "float32", "int64", "int32", "bool_"],
    "numpy.core.multiarray": numpyArrays, "numpy._core.multiarray": numpyArrays,
    "numpy.dtypes": ["Float64DType", "Float32DType", "Int64DType", "Int32DType", "BoolDType", "StrDType"],
    "pathlib": ["Path", "PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath"],
    "pathlib._local": ["Path", "PosixPath", "WindowsPath"],
    "datetime": ["datetime", "date", "timedelta", "timezone"], "uuid": ["UUID"],
    "decimal": ["Decimal"], "fractions": ["Fraction"], "collections": ["deque"],
  ]
}
