"""Is this process able to serve? For load balancers and the parent process."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the operations database answers, else 503 with the part that failed."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return JsonResponse({"status": "failed", "part": "database"}, status=503)
    return JsonResponse({"status": "ok"})
