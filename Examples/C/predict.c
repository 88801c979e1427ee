/* Predicts sequences with a trained model.
 *
 *   cc predict.c $(pkg-config --cflags --libs weft) -o predict
 *   ./predict RUN <sequences.txt
 *   ./predict RUN --step <sequences.txt
 *
 * Each line of the input is a step: the numbers of its features, or a token. An empty line ends a sequence. Prints a line
 * for each prediction; with --step, one after each step, as it comes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weft.h"

enum { LINE = 1 << 16 };

/* Ends the program with an error of the library. */
static void fail(char *error) {
  fprintf(stderr, "predict: %s\n", error);
  weft_free(error);
  exit(1);
}

static void *resized(void *memory, size_t bytes) {
  memory = realloc(memory, bytes > 0 ? bytes : 1);
  if (memory == NULL) {
    fprintf(stderr, "predict: out of memory\n");
    exit(1);
  }
  return memory;
}

/* The next line without its end; NULL at the end of the input. */
static char *next_line(void) {
  static char line[LINE];
  if (fgets(line, LINE, stdin) == NULL) return NULL;
  line[strcspn(line, "\n")] = '\0';
  return line;
}

/* The numbers of a line, of which there must be `width`. */
static void read_features(char *line, double *features, int64_t width) {
  for (int64_t feature = 0; feature < width; feature++) {
    char *end;
    features[feature] = strtod(line, &end);
    if (end == line) {
      fprintf(stderr, "predict: a step has %lld numbers; the model reads %lld\n", (long long)feature, (long long)width);
      exit(1);
    }
    line = end;
  }
}

static void print_prediction(const double *values, int64_t count) {
  for (int64_t value = 0; value < count; value++) printf(value > 0 ? " %.17g" : "%.17g", values[value]);
  printf("\n");
  fflush(stdout);
}

/* Sequences of different lengths, side by side in one array. */
struct sequences {
  int64_t count, steps;
  int64_t *lengths;
  /* [count, steps, width], of either kind. */
  double *features;
  int32_t *tokens;
};

static struct sequences read_sequences(const weft_model *model) {
  int64_t width = weft_input_size(model), step_count = 0, room = 0;
  struct sequences read = {0};
  double *features = NULL;
  int32_t *tokens = NULL;
  char *line;
  int begins = 1;
  while ((line = next_line()) != NULL) {
    if (*line == '\0') {
      begins = 1;
      continue;
    }
    if (begins) {
      read.lengths = resized(read.lengths, (size_t)(read.count + 1) * sizeof *read.lengths);
      read.lengths[read.count++] = 0;
      begins = 0;
    }
    if (step_count == room) {
      room = room == 0 ? 64 : 2 * room;
      features = resized(features, (size_t)(room * width) * sizeof *features);
      tokens = resized(tokens, (size_t)room * sizeof *tokens);
    }
    if (width > 0) {
      read_features(line, features + step_count * width, width);
    } else {
      tokens[step_count] = (int32_t)weft_token_number(model, line);
    }
    step_count++;
    if (++read.lengths[read.count - 1] > read.steps) read.steps = read.lengths[read.count - 1];
  }
  /* One after the other becomes one below the other. */
  read.features = resized(NULL, (size_t)(read.count * read.steps * width) * sizeof *features);
  read.tokens = resized(NULL, (size_t)(read.count * read.steps) * sizeof *tokens);
  int64_t from = 0;
  for (int64_t sequence = 0; sequence < read.count; sequence++) {
    int64_t to = sequence * read.steps, length = read.lengths[sequence];
    if (width > 0) {
      memcpy(read.features + to * width, features + from * width, (size_t)(length * width) * sizeof *features);
    } else {
      memcpy(read.tokens + to, tokens + from, (size_t)length * sizeof *tokens);
    }
    from += length;
  }
  free(features);
  free(tokens);
  return read;
}

static void predict_sequences(weft_model *model) {
  char *error = NULL;
  struct sequences read = read_sequences(model);
  int64_t size = weft_output_size(model), outputs = weft_output_count(model, read.steps);
  double *values = resized(NULL, (size_t)(read.count * outputs * size) * sizeof *values);
  int status = weft_input_size(model) > 0
      ? weft_predict(model, read.features, read.steps, read.count, read.lengths, values, &error)
      : weft_predict_tokens(model, read.tokens, read.steps, read.count, read.lengths, values, &error);
  if (status != 0) fail(error);
  for (int64_t sequence = 0; sequence < read.count; sequence++) {
    int64_t own = weft_output_count(model, read.lengths[sequence]);
    for (int64_t output = 0; output < own; output++) {
      print_prediction(values + (sequence * outputs + output) * size, size);
    }
  }
  free(values);
  free(read.lengths);
  free(read.features);
  free(read.tokens);
}

static void predict_steps(weft_model *model) {
  char *error = NULL, *line;
  int64_t width = weft_input_size(model), size = weft_output_size(model);
  double *features = resized(NULL, (size_t)width * sizeof *features);
  double *values = resized(NULL, (size_t)size * sizeof *values);
  weft_stepper *stepper = weft_stepper_create(model, &error);
  if (stepper == NULL) fail(error);
  while ((line = next_line()) != NULL) {
    if (*line == '\0') {
      weft_stepper_reset(stepper);
      continue;
    }
    int status;
    if (width > 0) {
      read_features(line, features, width);
      status = weft_step(stepper, features, width, values, &error);
    } else {
      status = weft_step_token(stepper, (int32_t)weft_token_number(model, line), values, &error);
    }
    if (status != 0) fail(error);
    print_prediction(values, size);
  }
  weft_stepper_destroy(stepper);
  free(features);
  free(values);
}

int main(int count, char **arguments) {
  int steps = count == 3 && strcmp(arguments[2], "--step") == 0;
  if (count != 2 && !steps) {
    fprintf(stderr, "usage: predict RUN [--step] <sequences.txt\n");
    return 2;
  }
  char *error = NULL;
  weft_model *model = weft_open(arguments[1], &error);
  if (model == NULL) fail(error);
  (steps ? predict_steps : predict_sequences)(model);
  weft_close(model);
  return 0;
}
