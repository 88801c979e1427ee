"""Writes events.tfevents with TensorBoard's own record writer: a scalar, a histogram and a text at three steps each.

    pip install tensorboard && python make_events.py
"""

import pathlib

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.summary.writer.record_writer import RecordWriter

path = pathlib.Path(__file__).with_name("events.tfevents")
with open(path, "wb") as file:
    writer = RecordWriter(file)
    writer.write(event_pb2.Event(wall_time=1.5, file_version="brain.Event:2").SerializeToString())
    for step in (1, 20, 300):
        text = summary_pb2.Summary.Value(
            tag="sample", tensor=TensorProto(dtype=7, string_val=[b"step %d" % step]),
            metadata=summary_pb2.SummaryMetadata(
                plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="text"), data_class=2))
        histogram = summary_pb2.HistogramProto(
            min=-1, max=1, num=3, sum=0.5, sum_squares=2.25, bucket_limit=[0, 1], bucket=[1, 2])
        values = [
            summary_pb2.Summary.Value(tag="loss/train", simple_value=1 / step),
            summary_pb2.Summary.Value(tag="weights", histo=histogram), text]
        event = event_pb2.Event(wall_time=1.5 + step, step=step, summary=summary_pb2.Summary(value=values))
        writer.write(event.SerializeToString())
