from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods


@require_http_methods(["GET", "HEAD", "POST"])
def index(request):
    if request.method == "POST":
        request.session["name"] = request.POST["name"]
        return redirect("index")
    return render(request, "index.html", {"name": request.session.get("name", "world")})
