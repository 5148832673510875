#include "weights/pickle.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <istream>
#include <map>
#include <stdexcept>

#include "base/check.h"
#include "weights/weight_file.h"

namespace lineament {
namespace {

constexpr uint64_t kMaxText = 1 << 16;
constexpr size_t kMaxNodes = 4'000'000;  // a thousand for each tensor of the largest network, and then some
constexpr size_t kMaxStack = 1'000'000;

template <class... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> text, Args&&... args) {
  throw std::runtime_error(fmt::format(text, std::forward<Args>(args)...));
}

struct StorageType {
  std::string_view global;
  const char* element;
};
constexpr StorageType kStorages[] = {{"torch.FloatStorage", "F32"}, {"torch.DoubleStorage", "F64"},
                                     {"torch.HalfStorage", "F16"},  {"torch.BFloat16Storage", "BF16"},
                                     {"torch.LongStorage", "I64"},  {"torch.IntStorage", "I32"},
                                     {"torch.ShortStorage", "I16"}, {"torch.CharStorage", "I8"},
                                     {"torch.ByteStorage", "U8"},   {"torch.BoolStorage", "BOOL"}};

constexpr std::string_view kDict = "collections.OrderedDict", kRebuild = "torch._utils._rebuild_tensor_v2",
                           kOldRebuild = "torch._utils._rebuild_tensor",
                           kParameter = "torch._utils._rebuild_parameter", kSize = "torch.Size";

const char* storage_element(std::string_view global) {
  const auto row = std::ranges::find(kStorages, global, &StorageType::global);
  return row == std::end(kStorages) ? nullptr : row->element;
}

bool is_known(std::string_view global) {
  constexpr std::string_view kCalls[] = {kDict, kRebuild, kOldRebuild, kParameter, kSize};
  return storage_element(global) || std::ranges::find(kCalls, global) != std::end(kCalls);
}

}  // namespace

/// The pickle machine: a stack of values, marks on it, and a memo.
class Pickle::Machine {
 public:
  Machine(std::istream& in, std::vector<Node>& nodes) : in_(in), nodes_(nodes) {}

  Id run() {
    for (;;) {
      const auto opcode = number<uint8_t>();
      if (opcode == '.') return pop();
      step(opcode);
      if (stack_.size() > kMaxStack || nodes_.size() > kMaxNodes)
        refuse("its pickle holds more than any state dict");
    }
  }

 private:
  void step(uint8_t opcode) {
    switch (opcode) {
      case 0x80:
        number<uint8_t>();
        break;  // PROTO
      case 0x95:
        number<uint64_t>();
        break;  // FRAME
      case '(':
        marks_.push_back(stack_.size());
        break;
      case '0':
        pop();
        break;
      case 'N':
        push({.kind = Kind::none});
        break;
      case 0x88:
        push({.kind = Kind::boolean, .integer = 1});
        break;
      case 0x89:
        push({.kind = Kind::boolean, .integer = 0});
        break;
      case 'K':
        push({.kind = Kind::integer, .integer = number<uint8_t>()});
        break;
      case 'M':
        push({.kind = Kind::integer, .integer = number<uint16_t>()});
        break;
      case 'J':
        push({.kind = Kind::integer, .integer = number<int32_t>()});
        break;
      case 0x8a:
        long_integer(number<uint8_t>());
        break;
      case 'G':
        number<uint64_t>();
        push({.kind = Kind::real});
        break;
      case 'X':
        push({.kind = Kind::text, .text = text(number<uint32_t>())});
        break;
      case 0x8c:
        push({.kind = Kind::text, .text = text(number<uint8_t>())});
        break;
      case 0x8d:
        push({.kind = Kind::text, .text = text(number<uint64_t>())});
        break;
      case 'T':
        push({.kind = Kind::text, .text = text(number<uint32_t>())});
        break;  // Python 2's texts
      case 'U':
        push({.kind = Kind::text, .text = text(number<uint8_t>())});
        break;
      case ')':
        push({.kind = Kind::tuple});
        break;
      case ']':
        push({.kind = Kind::list});
        break;
      case '}':
        push({.kind = Kind::dict});
        break;
      case 't':
        push({.kind = Kind::tuple, .items = pop_marked()});
        break;
      case 0x85:
        tuple(1);
        break;
      case 0x86:
        tuple(2);
        break;
      case 0x87:
        tuple(3);
        break;
      case 'a':
        append({pop()});
        break;
      case 'e':
        append(pop_marked());
        break;
      case 's':
        set_pair();
        break;
      case 'u':
        set_items(pop_marked());
        break;
      case 'c':
        plain_global();
        break;
      case 0x93:
        stack_global();
        break;
      case 'R':
        reduce();
        break;
      case 'b':
        build();
        break;
      case 'Q':
        persistent();
        break;
      case 'q':
        memo_[number<uint8_t>()] = top();
        break;
      case 'r':
        memo_[number<uint32_t>()] = top();
        break;
      case 0x94:
        memo_[static_cast<uint32_t>(memo_.size())] = top();
        break;
      case 'h':
        recall(number<uint8_t>());
        break;
      case 'j':
        recall(number<uint32_t>());
        break;
      default:
        refuse("pickle opcode {:#04x} at byte {}, which no state dict needs: not read", opcode, at_ - 1);
    }
  }

  // ---- bytes
  void bytes(void* to, size_t count) {
    in_.read(static_cast<char*>(to), static_cast<std::streamsize>(count));
    if (static_cast<size_t>(in_.gcount()) != count)
      refuse("cut short: its pickle ends at byte {}", at_ + static_cast<uint64_t>(in_.gcount()));
    at_ += count;
  }
  template <class T>
  T number() {
    T value;
    bytes(&value, sizeof value);
    return value;
  }
  std::string text(uint64_t length) {
    if (length > kMaxText) refuse("its pickle holds a text of {} bytes", length);
    std::string value(length, '\0');
    bytes(value.data(), length);
    return value;
  }
  std::string line() {
    std::string value;
    for (;;) {
      const char c = number<char>();
      if (c == '\n') return value;
      if (value.size() == kMaxText) refuse("its pickle holds a line without an end");
      value += c;
    }
  }
  /// Up to eight bytes make a number; torch's magic is longer and kept as it stands.
  void long_integer(uint8_t length) {
    Node node{.kind = Kind::integer, .text = text(length)};
    if (length > 8) return push(std::move(node));
    uint64_t value = length > 0 && (node.text.back() & 0x80) ? ~uint64_t{0} : 0;
    std::memcpy(&value, node.text.data(), length);
    push({.kind = Kind::integer, .integer = static_cast<int64_t>(value)});
  }

  // ---- stack
  void push(Node node) {
    stack_.push_back(static_cast<Id>(nodes_.size()));
    nodes_.push_back(std::move(node));
  }
  Id top() const {
    if (stack_.empty() || (!marks_.empty() && marks_.back() == stack_.size()))
      refuse("its pickle takes from an empty stack");
    return stack_.back();
  }
  Id pop() {
    const Id id = top();
    stack_.pop_back();
    return id;
  }
  std::vector<Id> pop_marked() {
    if (marks_.empty()) refuse("its pickle takes from an empty stack");
    std::vector<Id> items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return items;
  }
  void tuple(size_t count) {
    std::vector<Id> items(count);
    for (size_t i = count; i-- > 0;) items[i] = pop();
    push({.kind = Kind::tuple, .items = std::move(items)});
  }
  void recall(uint32_t place) {
    const auto found = memo_.find(place);
    if (found == memo_.end()) refuse("its pickle recalls a value that it never had");
    stack_.push_back(found->second);
  }

  // ---- containers
  void append(const std::vector<Id>& items) {
    Node& list = nodes_[top()];
    if (list.kind != Kind::list) refuse("its pickle appends to what is no list");
    grow(list, items);
  }
  void set_pair() {
    const Id value = pop(), key = pop();
    set_items({key, value});
  }
  void set_items(const std::vector<Id>& items) {
    Node& dict = nodes_[top()];
    if (dict.kind != Kind::dict || items.size() % 2 != 0) refuse("its pickle sets items of what is no dict");
    grow(dict, items);
  }
  /// Items given again and again through the memo are counted as nodes are.
  void grow(Node& node, const std::vector<Id>& items) {
    items_ += items.size();
    if (items_ > kMaxNodes) refuse("its pickle holds more than any state dict");
    node.items.insert(node.items.end(), items.begin(), items.end());
  }

  // ---- what stands for Python objects
  void global(const std::string& module, const std::string& name) {
    const std::string full = module + "." + name;
    if (!is_known(full))
      refuse(
          "its pickle asks for {}, which no state dict needs: refused (in PyTorch, save model.state_dict())",
          shown(full));
    push({.kind = Kind::global, .text = full});
  }
  void plain_global() {
    const std::string module = line(), name = line();
    global(module, name);
  }
  void stack_global() {
    const Node name = nodes_[pop()], module = nodes_[pop()];
    if (name.kind != Kind::text || module.kind != Kind::text)
      refuse("its pickle names a global by what is no text");
    global(module.text, name.text);
  }
  void reduce() {
    const Id arguments_id = pop(), callee_id = pop();
    const Node &arguments = nodes_[arguments_id], &callee = nodes_[callee_id];
    if (callee.kind != Kind::global || arguments.kind != Kind::tuple)
      refuse("its pickle calls what is no function: refused");
    const std::vector<Id> items = arguments.items;
    if (callee.text == kDict && items.empty()) return push({.kind = Kind::dict});
    if (callee.text == kDict && items.size() == 1) return dict_of_pairs(items[0]);
    if ((callee.text == kRebuild && items.size() >= 6) || (callee.text == kOldRebuild && items.size() == 4))
      return rebuild(items);
    if (callee.text == kParameter && !items.empty() && nodes_[items[0]].kind == Kind::tensor)
      return stack_.push_back(items[0]);
    if (callee.text == kSize && items.size() == 1) return stack_.push_back(items[0]);
    refuse("its pickle calls {} with {} arguments: refused", callee.text, items.size());
  }
  void dict_of_pairs(Id pairs) {
    Node dict{.kind = Kind::dict};
    for (const Id pair : nodes_[pairs].items) {
      if (nodes_[pair].items.size() != 2) refuse("its pickle makes a dict of what are no pairs");
      grow(dict, nodes_[pair].items);
    }
    push(std::move(dict));
  }
  /// Attributes set on a dict, such as a state dict's _metadata, are dropped; nothing else has any.
  void build() {
    pop();
    if (nodes_[top()].kind != Kind::dict) refuse("its pickle sets the state of an object: refused");
  }
  uint64_t size_of(Id id) const {
    const Node& node = nodes_[id];
    if (node.kind != Kind::integer || node.integer < 0 || !node.text.empty())
      refuse("its pickle has a tensor whose sizes are no sizes");
    return static_cast<uint64_t>(node.integer);
  }
  std::vector<uint64_t> sizes_of(Id id) const {
    const Node& node = nodes_[id];
    if (node.kind != Kind::tuple && node.kind != Kind::list)
      refuse("its pickle has a tensor whose sizes are no sizes");
    std::vector<uint64_t> sizes;
    for (const Id item : node.items) sizes.push_back(size_of(item));
    return sizes;
  }
  void rebuild(const std::vector<Id>& items) {  // storage, offset, size, stride, ...
    if (nodes_[items[0]].kind != Kind::storage) refuse("its pickle has a tensor without a storage");
    PickledTensor tensor{.storage = nodes_[items[0]].tensor->storage,
                         .offset = size_of(items[1]),
                         .shape = sizes_of(items[2]),
                         .strides = sizes_of(items[3])};
    if (tensor.shape.size() != tensor.strides.size())
      refuse("its pickle has a tensor with other strides than axes");
    push({.kind = Kind::tensor, .tensor = std::move(tensor)});
  }
  /// ('storage', torch.FloatStorage, key, location, numel[, view])
  void persistent() {
    const std::vector<Id> id = nodes_[pop()].items;
    const auto is = [&](size_t i, Kind kind) { return nodes_[id[i]].kind == kind; };
    if (id.size() < 5 || !is(0, Kind::text) || nodes_[id[0]].text != "storage" || !is(1, Kind::global) ||
        !is(2, Kind::text))
      refuse("its pickle refers to something outside that is no storage");
    const char* element = storage_element(nodes_[id[1]].text);
    if (!element) refuse("its pickle has a storage of type {}", shown(nodes_[id[1]].text));
    if (id.size() > 5 && !is(5, Kind::none))
      refuse("its pickle has a view of a storage, as PyTorch before 0.4 wrote them: not read");
    PickledTensor storage{
        .storage = {nodes_[id[2]].text, element, size_of(id[4])}, .shape = {}, .strides = {}};
    push({.kind = Kind::storage, .tensor = std::move(storage)});
  }

  std::istream& in_;
  std::vector<Node>& nodes_;
  uint64_t at_ = 0;
  size_t items_ = 0;
  std::vector<Id> stack_;
  std::vector<size_t> marks_;
  std::map<uint32_t, Id> memo_;
};

Pickle::Pickle(std::istream& in) { root_ = Machine(in, nodes_).run(); }

const Pickle::Node* Pickle::find(const Node& dict, std::string_view key) const {
  if (dict.kind != Kind::dict) return nullptr;
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const Node& name = nodes_[dict.items[i]];
    if (name.kind == Kind::text && name.text == key) return &nodes_[dict.items[i + 1]];
  }
  return nullptr;
}

}  // namespace lineament
