#include "CSentencePiece.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <unordered_map>
#include <vector>

struct csentencepiece_model {
  sentencepiece::SentencePieceProcessor processor;
};

namespace {

// The trainer pulls lines, and so does the caller's source.
class Lines : public sentencepiece::SentenceIterator {
 public:
  Lines(csentencepiece_line_source next, void *context) : next_(next), context_(context) { Next(); }
  bool done() const override { return done_; }
  void Next() override {
    size_t count = 0;
    const char *line = next_(context_, &count);
    done_ = line == nullptr;
    value_.assign(done_ ? "" : line, done_ ? 0 : count);
  }
  const std::string &value() const override { return value_; }
  sentencepiece::util::Status status() const override { return sentencepiece::util::Status(); }

 private:
  csentencepiece_line_source next_;
  void *context_;
  bool done_ = false;
  std::string value_;
};

template <typename T>
T *copy(const T *values, size_t count) {
  T *result = static_cast<T *>(std::malloc(count * sizeof(T) + 1));
  if (result != nullptr && count > 0) std::memcpy(result, values, count * sizeof(T));
  return result;
}

char *copy_text(const std::string &text) { return strdup(text.c_str()); }

}  // namespace

// No exception may pass into Swift.
int csentencepiece_train(const char *const *options, unsigned seed, csentencepiece_line_source next, void *context,
                         uint8_t **model, size_t *count, char **message) {
  try {
    std::unordered_map<std::string, std::string> arguments;
    for (; options[0] != nullptr; options += 2) arguments[options[0]] = options[1];
    sentencepiece::SetRandomGeneratorSeed(seed);
    Lines lines(next, context);
    std::string serialized;
    const auto status = sentencepiece::SentencePieceTrainer::Train(arguments, &lines, &serialized);
    if (!status.ok()) {
      *message = copy_text(status.ToString());
      return 1;
    }
    *model = copy(reinterpret_cast<const uint8_t *>(serialized.data()), serialized.size());
    *count = serialized.size();
    return *model == nullptr;
  } catch (const std::exception &error) {
    *message = copy_text(error.what());
    return 1;
  }
}

csentencepiece_model *csentencepiece_open(const uint8_t *model, size_t count, char **message) {
  try {
    auto *result = new csentencepiece_model;
    const auto status =
        result->processor.LoadFromSerializedProto({reinterpret_cast<const char *>(model), count});
    if (status.ok()) return result;
    *message = copy_text(status.ToString());
    delete result;
  } catch (const std::exception &error) {
    *message = copy_text(error.what());
  }
  return nullptr;
}

void csentencepiece_close(csentencepiece_model *model) { delete model; }

int csentencepiece_piece_count(const csentencepiece_model *model) { return model->processor.GetPieceSize(); }

const char *csentencepiece_piece(const csentencepiece_model *model, int number) {
  return model->processor.IdToPiece(number).c_str();
}

int csentencepiece_is_byte(const csentencepiece_model *model, int number) { return model->processor.IsByte(number); }

int csentencepiece_encode(const csentencepiece_model *model, const char *text, size_t count, int **numbers,
                          size_t *number_count) {
  try {
    std::vector<int> result;
    if (!model->processor.Encode({text, count}, &result).ok()) return 1;
    *numbers = copy(result.data(), result.size());
    *number_count = result.size();
    return *numbers == nullptr;
  } catch (const std::exception &) {
    return 1;
  }
}
