namespace Darter.Cli.Settings.Gunicorn;

/// <summary>
/// Gunicorn's classes of workers. Here a worker runs the application that it is given, in threads or in an event loop, so
/// a class comes to an interface and a number of threads.
/// </summary>
internal static class WorkerClasses
{
    /// <summary>Threads in place of a class that runs requests in greenlets, of which it has up to worker_connections.</summary>
    internal const int ThreadsForGreenlets = 32;

    internal static void Map(SettingValue value, GunicornMapping mapping)
    {
        string name = value.Text.Trim();
        switch (name)
        {
            case "gthread" or "gunicorn.workers.gthread.ThreadWorker" or "gunicorn.workers.sync.SyncWorker":
                mapping.Notice($"'{name}': workers run requests in as many threads as 'threads' says");
                break;
            case "gevent" or "gevent_wsgi" or "gevent_pywsgi" or "eventlet"
                or "gunicorn.workers.ggevent.GeventWorker" or "gunicorn.workers.ggevent.GeventPyWSGIWorker" or "gunicorn.workers.geventlet.EventletWorker":
                mapping.Set("--threads", SettingValue.Of(ThreadsForGreenlets));
                mapping.Notice($"'{name}': requests run in threads instead of greenlets, {ThreadsForGreenlets} in each worker unless 'threads' says otherwise");
                break;
            case "tornado" or "gunicorn.workers.gtornado.TornadoWorker":
                // Gunicorn's own class serves WSGI applications, too.
                mapping.Notice($"'{name}': the application decides: what is of Tornado, WSGI or ASGI is served as such");
                break;
            case "asgi" or "gunicorn.workers.gasgi.ASGIWorker" or "uvicorn.workers.UvicornWorker" or "uvicorn_worker.UvicornWorker":
                mapping.Set("--interface", SettingValue.Of("asgi"));
                mapping.Notice($"'{name}': the interface is ASGI");
                break;
            case "uvicorn.workers.UvicornH11Worker" or "uvicorn_worker.UvicornH11Worker":
                mapping.Set("--interface", SettingValue.Of("asgi"));
                mapping.Set("--loop", SettingValue.Of("asyncio"));
                mapping.Notice($"'{name}': the interface is ASGI, the event loop asyncio's");
                break;
            case "meinheld.gmeinheld.MeinheldWorker" or "egg:meinheld#gunicorn_worker":
                mapping.Notice($"'{name}': the front does what meinheld did; workers run WSGI requests in threads");
                break;
            default:
                mapping.Refuse($"'{name}': a worker class is code that serves connections, which here is the front's work; "
                    + "leave it out for a WSGI or ASGI application, other applications are not served");
                break;
        }
    }
}
