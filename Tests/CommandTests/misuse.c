/* Calls the C interface with wrong arguments, each of which must be an error, and by several threads at once. Prints the
 * errors, and 'done' last.
 *
 *   misuse RUN
 *
 * The model of the run reads three numbers a step, and predicts two values at each. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weft.h"

enum { THREADS = 4, ROUNDS = 50, STEPS = 6, WIDTH = 3, VALUES = 2 };

static void expect(int condition, const char *what) {
  if (condition) return;
  printf("not so: %s\n", what);
  fflush(stdout);
  _Exit(1);
}

/* Calls a function, which must fail and tell why. */
#define TOLD(call, what) \
  do { \
    error = NULL; \
    int failed = (call); \
    told(failed, error, what); \
  } while (0)

static void told(int failed, char *error, const char *what) {
  expect(failed, what);
  expect(error != NULL && *error != '\0' && strchr(error, '\n') == NULL, what);
  printf("%s\n", error);
  weft_free(error);
}

static double inputs[STEPS * WIDTH], alone[STEPS * VALUES];
static weft_model *shared;

static void *compute(void *path) {
  weft_model *own = weft_open_with_threads(path, 1, NULL);
  expect(own != NULL, "opened by several threads");
  for (int round = 0; round < ROUNDS; round++) {
    double values[STEPS * VALUES];
    weft_model *model = round % 2 == 0 ? own : shared;
    expect(weft_predict(model, inputs, STEPS, 1, NULL, values, NULL) == 0, "predicted by several threads");
    expect(memcmp(values, alone, sizeof values) == 0, "the same values in every thread");
    weft_stepper *stepper = weft_stepper_create(shared, NULL);
    expect(stepper != NULL, "stepped by several threads");
    for (int step = 0; step < STEPS; step++) {
      expect(weft_step(stepper, inputs + step * WIDTH, WIDTH, values, NULL) == 0, "a step");
      expect(memcmp(values, alone + step * VALUES, VALUES * sizeof *values) == 0, "the same values step by step");
    }
    weft_stepper_destroy(stepper);
  }
  weft_close(own);
  return NULL;
}

int main(int count, char **arguments) {
  expect(count == 2, "usage: misuse RUN");
  char *error = NULL, *path = arguments[1];
  for (int place = 0; place < STEPS * WIDTH; place++) inputs[place] = place * 0.25 - 1;

  TOLD(weft_open(NULL, &error) == NULL, "no path");
  TOLD(weft_open("missing", &error) == NULL, "a missing run");
  TOLD(weft_open("\xff\xfe", &error) == NULL, "a path of other bytes");
  TOLD(weft_open("train.yaml", &error) == NULL, "a file that is no checkpoint");
  TOLD(weft_open_with_threads(path, -1, &error) == NULL, "-1 threads");
  expect(weft_open("missing", NULL) == NULL, "an error that is not wanted");

  weft_model *model = weft_open(path, &error);
  expect(model != NULL && error == NULL, "a model");
  expect(weft_input_size(model) == WIDTH && weft_output_size(model) == VALUES, "its sizes");
  expect(weft_output_count(model, 7) == 7 && weft_output_count(model, 0) == 0, "an output a step");
  expect(weft_token_count(model) == 0 && weft_token_number(model, "a") == -1, "no tokens");
  expect(weft_token_text(model, 0) == NULL && weft_class_name(model, -1) == NULL, "no names");
  expect(strchr(weft_version(), '.') != NULL, "a version");

  double values[2 * 2 * VALUES] = {0};
  int64_t lengths[] = {2, 3};
  TOLD(weft_predict(NULL, inputs, 2, 1, NULL, values, &error), "no model");
  TOLD(weft_predict(model, NULL, 2, 1, NULL, values, &error), "no inputs");
  TOLD(weft_predict(model, inputs, 2, 1, NULL, NULL, &error), "no outputs");
  TOLD(weft_predict(model, inputs, 2, 0, NULL, values, &error), "no sequences");
  TOLD(weft_predict(model, inputs, -3, 1, NULL, values, &error), "steps below zero");
  TOLD(weft_predict(model, inputs, INT64_MAX, INT64_MAX, NULL, values, &error), "sizes that overflow");
  TOLD(weft_predict(model, inputs, (int64_t)1 << 39, 1 << 20, NULL, values, &error), "sizes without addresses");
  TOLD(weft_predict(model, inputs, 2, 2, lengths, values, &error), "a length beyond the steps");
  TOLD(weft_predict_tokens(model, (int32_t[]){0}, 1, 1, NULL, values, &error), "tokens for numbers");
  double bad[2 * WIDTH] = {0, 0, 0, 0, 0, NAN};
  TOLD(weft_predict(model, bad, 2, 1, NULL, values, &error), "NaN");
  bad[5] = 1e300;
  TOLD(weft_predict(model, bad, 2, 1, NULL, values, &error), "beyond single precision");
  for (size_t place = 0; place < sizeof values / sizeof *values; place++) expect(values[place] == 0, "outputs are unchanged");

  lengths[1] = 1;
  expect(weft_predict(model, inputs, 2, 2, lengths, values, &error) == 0 && error == NULL, "two sequences");
  expect(!isnan(values[5]) && isnan(values[6]) && isnan(values[7]), "NaN after a shorter sequence");

  TOLD(weft_stepper_create(NULL, &error) == NULL, "a stepper of no model");
  weft_stepper *stepper = weft_stepper_create(model, &error);
  expect(stepper != NULL && error == NULL, "a stepper");
  TOLD(weft_step(NULL, inputs, WIDTH, values, &error), "no stepper");
  TOLD(weft_step(stepper, NULL, WIDTH, values, &error), "no features");
  TOLD(weft_step(stepper, inputs, WIDTH - 1, values, &error), "too few features");
  TOLD(weft_step(stepper, bad + WIDTH, WIDTH, values, &error), "a step beyond single precision");
  TOLD(weft_step_token(stepper, 0, values, &error), "a token for numbers");

  /* A step that failed was not read, and a closed model serves its steppers. */
  expect(weft_predict(model, inputs, STEPS, 1, NULL, alone, NULL) == 0, "the values");
  weft_close(model);
  for (int round = 0; round < 2; round++) {
    for (int step = 0; step < STEPS; step++) {
      expect(weft_step(stepper, inputs + step * WIDTH, WIDTH, values, &error) == 0, "a step");
      expect(memcmp(values, alone + step * VALUES, VALUES * sizeof *values) == 0, "the values of the whole sequence");
    }
    weft_stepper_reset(stepper);
  }
  weft_stepper_destroy(stepper);

  shared = weft_open(path, NULL);
  pthread_t threads[THREADS];
  for (int number = 0; number < THREADS; number++) pthread_create(&threads[number], NULL, compute, path);
  for (int number = 0; number < THREADS; number++) pthread_join(threads[number], NULL);
  weft_close(shared);

  weft_close(NULL);
  weft_stepper_reset(NULL);
  weft_stepper_destroy(NULL);
  weft_free(NULL);
  expect(weft_input_size(NULL) == 0 && weft_output_size(NULL) == 0, "sizes of no model");
  printf("done\n");
  return 0;
}
