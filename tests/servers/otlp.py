"""A receiver of OpenTelemetry on this machine: the metrics that are sent by OTLP over HTTP, decoded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_DELTA as DELTA
from typing_extensions import override

from nexuslims_core.testing.servers.thread import ServerThread


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One value of one metric.

    Attributes
    ----------
    kind
        ``sum``, ``gauge`` or ``exponential_histogram``.
    value
        The number; of a histogram its sum.
    tags
        Its attributes.
    is_delta
        Whether it counts since the last time that it was sent, not since its process began.
    """

    name: str
    kind: str
    unit: str
    value: float
    tags: Mapping[str, str]
    is_delta: bool


class OtlpServer(ServerThread):
    """Keeps each point that comes."""

    def __init__(self) -> None:
        self._points: list[Point] = []
        points = self._points

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                points.extend(_points(ExportMetricsServiceRequest.FromString(body)))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            @override
            def log_message(self, format: str, *args: object) -> None:
                pass

        super().__init__(ThreadingHTTPServer(("127.0.0.1", 0), Handler))

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables that make Airflow send here."""
        return {
            "AIRFLOW__METRICS__OTEL_ON": "True",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": f"http://127.0.0.1:{self.port}/v1/metrics",
        }

    def points(self, name: str) -> list[Point]:
        """Return what came of one metric so far, by its name without Airflow's prefix."""
        return [each for each in self._points if each.name == f"airflow.{name}"]


def _points(request: ExportMetricsServiceRequest) -> Iterator[Point]:
    for resource in request.resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                kind = metric.WhichOneof("data")
                data = getattr(metric, kind)
                for each in data.data_points:
                    yield Point(
                        name=metric.name,
                        kind=kind,
                        unit=metric.unit,
                        value=_value(each),
                        tags={tag.key: tag.value.string_value for tag in each.attributes},
                        is_delta=getattr(data, "aggregation_temporality", None) == DELTA,
                    )


def _value(point: Any) -> float:  # noqa: ANN401 - a message of OTLP
    if hasattr(point, "sum"):
        return float(point.sum)
    return float(getattr(point, point.WhichOneof("value")))
