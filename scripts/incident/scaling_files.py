"""Write the scaling histories of all groups, each in its platform's own form.

Between the story and the files.
"""

from __future__ import annotations

from random import Random

from .aws_scaling import scaling_activities
from .azure_scaling import autoscale_evaluations
from .containers import compact
from .gcp_scaling import group_sizes
from .kubernetes_scaling import autoscaler_events, autoscaler_objects
from .native_file import FileSet
from .story import Story


def write_scaling(files: FileSet, story: Story) -> None:
    """Write all scaling histories."""
    random = Random(f"scaling {story.seed}")
    activities = scaling_activities(random, story)
    files.write_document(
        "aws/autoscaling/describe-scaling-activities.json", compact({"Activities": activities}), len(activities)
    )
    evaluations = autoscale_evaluations(random, story)
    files.write_document("azure/autoscale/PT1H.json", "\n".join(map(compact, evaluations)), len(evaluations))
    sizes = group_sizes(random, story)
    files.write_document("gcp/system-events/autoscaler.ndjson", "\n".join(map(compact, sizes)), len(sizes))
    events = autoscaler_events(random, story)
    files.write_document("kubernetes/events.ndjson", "\n".join(map(compact, events)), len(events))
    objects = autoscaler_objects(story)
    document = {"apiVersion": "v1", "kind": "List", "items": objects}
    files.write_document("kubernetes/horizontal-pod-autoscalers.json", compact(document), len(objects))
