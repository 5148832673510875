// Python's pickle as far as a state dict needs it: tensors, storages,
// dicts, lists, texts and numbers; never a call.
#pragma once
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lineament {

/// One of torch's storages, as a persistent id of a pickle names it.
struct PickledStorage {
  std::string key;      // "0", or in the older form "94201312"
  const char* element;  // "F32"
  uint64_t numel = 0;
};

/// A tensor's window on a storage: element (i, j, ...) is number offset + i stride[0] + j stride[1] + ...
struct PickledTensor {
  PickledStorage storage;
  uint64_t offset = 0;
  std::vector<uint64_t> shape, strides;
};

/// What a pickle unpickles to. Every value is a number into one list, so nothing is copied, recursive or
/// cyclic to destroy.
class Pickle {
 public:
  using Id = uint32_t;
  enum class Kind { none, boolean, integer, real, text, tuple, list, dict, global, storage, tensor };
  struct Node {
    Kind kind = Kind::none;
    int64_t integer = 0;         // booleans too
    std::string text = {};       // of texts and globals; the raw bytes of an integer wider than 64 bits
    std::vector<Id> items = {};  // of tuples and lists; of dicts: key, value, key, value
    std::optional<PickledTensor> tensor = {};  // of tensors, and of storages: those have no shape
  };

  /// Reads one pickle from `in` and stops behind its STOP. A std::runtime_error names the opcode or the
  /// global it refuses: whatever is no part of a state dict, such as a pickle that calls os.system, is
  /// refused and not run.
  explicit Pickle(std::istream& in);

  const Node& root() const { return nodes_[root_]; }
  const Node& operator[](Id id) const { return nodes_[id]; }
  /// Everything it held, in the order it came.
  const std::vector<Node>& nodes() const { return nodes_; }
  /// The value of a dict under a text, or nullptr.
  const Node* find(const Node& dict, std::string_view key) const;

 private:
  class Machine;
  std::vector<Node> nodes_;
  Id root_ = 0;
};

}  // namespace lineament
