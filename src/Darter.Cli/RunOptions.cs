using System.CommandLine;
using System.Globalization;
using Darter.Server.Configuration;
using Microsoft.Extensions.Logging;

namespace Darter.Cli;

/// <summary>The options of <c>darter run</c>, under the names Gunicorn's and uvicorn's users know.</summary>
internal sealed class RunOptions
{
    internal Argument<string> Target { get; } = new("TARGET")
    {
        Description = "module:attr, module:factory(), module, path/to/app.py[:attr], or a project folder",
        DefaultValueFactory = _ => ".",
    };

    internal RunOptions()
    {
        Target.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.Tokens[0].Value.StartsWith('-'))
            {
                result.AddError($"There is no option '{result.Tokens[0].Value}'; see darter run --help.");
            }
        });
    }

    internal Option<string[]> Bind { get; } = new("--bind", "-b")
    {
        Description = "Where to listen: HOST:PORT, [IPV6]:PORT, :PORT, PORT or unix:PATH; may be repeated",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => ["127.0.0.1:8000"],
    };

    internal Option<int> Workers { get; } = AtLeast(1, new("--workers", "-w")
    {
        Description = "Worker processes",
        HelpName = "N",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    });

    internal Option<int> Threads { get; } = AtLeast(1, new("--threads")
    {
        Description = "Requests each worker runs at a time, in threads",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    });

    internal Option<int> Loops { get; } = AtLeast(1, new("--loops")
    {
        Description = "Event loops of the front, each a thread; one does for two to seven cores",
        HelpName = "N",
        DefaultValueFactory = _ => ServerConfig.DefaultLoops,
    });

    internal Option<string> Interface { get; } = OneOf(["auto", "wsgi", "asgi"], new("--interface")
    {
        Description = "The application's interface: auto, wsgi or asgi",
        HelpName = "NAME",
        DefaultValueFactory = _ => "auto",
    });

    internal Option<string> Loop { get; } = new("--loop")
    {
        Description = "ASGI: the event loop: auto (uvloop if it is installed), asyncio, uvloop or module:factory",
        HelpName = "NAME",
        DefaultValueFactory = _ => "auto",
    };

    internal Option<string> Lifespan { get; } = OneOf(["auto", "on", "off"], new("--lifespan")
    {
        Description = "ASGI: the lifespan protocol: auto (if the application has it), on or off",
        HelpName = "MODE",
        DefaultValueFactory = _ => "auto",
    });

    internal Option<string> RootPath { get; } = new("--root-path")
    {
        Description = "ASGI: the path that the application is mounted at, as a proxy in front removes it",
        HelpName = "PATH",
        DefaultValueFactory = _ => "",
    };

    internal Option<string?> Python { get; } = new("--python")
    {
        Description = "The interpreter; default: $VIRTUAL_ENV, .venv or venv beside the target or in the application's folder, python3",
        HelpName = "PATH",
    };

    internal Option<string?> ChangeDirectory { get; } = new("--chdir")
    {
        Description = "The application's folder; default: the current one",
        HelpName = "DIR",
    };

    internal Option<double> KeepAlive { get; } = Positive(new("--keep-alive")
    {
        Description = "Seconds an idle connection is kept open",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 75,
    });

    internal Option<double> GracefulTimeout { get; } = Positive(new("--graceful-timeout")
    {
        Description = "Seconds that requests may take to finish once the server is asked to stop",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 30,
    });

    internal Option<double> RequestHeaderTimeout { get; } = Positive(new("--request-header-timeout")
    {
        Description = "Seconds a client may take to send the header section of a request",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 30,
    });

    internal Option<int> LimitRequestLine { get; } = AtLeast(64, new("--limit-request-line")
    {
        Description = "Longest request line in bytes",
        HelpName = "BYTES",
        DefaultValueFactory = _ => 8190,
    });

    internal Option<int> LimitRequestFields { get; } = AtLeast(1, new("--limit-request-fields")
    {
        Description = "Most header fields of a request",
        HelpName = "N",
        DefaultValueFactory = _ => 100,
    });

    internal Option<int> LimitRequestFieldSize { get; } = AtLeast(64, new("--limit-request-field-size")
    {
        Description = "Longest header field of a request in bytes",
        HelpName = "BYTES",
        DefaultValueFactory = _ => 8190,
    });

    internal Option<long> LimitRequestBody { get; } = new("--limit-request-body")
    {
        Description = "Largest request body in bytes; 0: unlimited",
        HelpName = "BYTES",
        DefaultValueFactory = _ => 0,
    };

    internal Option<int> LimitConcurrency { get; } = AtLeast(0, new("--limit-concurrency")
    {
        Description = "Most requests and WebSockets at a time, 503 beyond; 0: unlimited",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
    });

    internal Option<int> Backlog { get; } = AtLeast(1, new("--backlog")
    {
        Description = "Connections the kernel keeps waiting to be accepted",
        HelpName = "N",
        DefaultValueFactory = _ => 2048,
    });

    internal Option<long> WebSocketMaxSize { get; } = new("--ws-max-size")
    {
        Description = "Largest WebSocket message in bytes",
        HelpName = "BYTES",
        DefaultValueFactory = _ => 16 * 1024 * 1024,
    };

    internal Option<int> WebSocketMaxQueue { get; } = AtLeast(1, new("--ws-max-queue")
    {
        Description = "WebSocket messages that may wait for the application, for each WebSocket",
        HelpName = "N",
        DefaultValueFactory = _ => 32,
    });

    internal Option<double> WebSocketPingInterval { get; } = NotNegative(new("--ws-ping-interval")
    {
        Description = "Seconds of silence after which a WebSocket is pinged; 0: never",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 20,
    });

    internal Option<double> WebSocketPingTimeout { get; } = NotNegative(new("--ws-ping-timeout")
    {
        Description = "Seconds a pinged client has to answer; 0: any time",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 20,
    });

    internal Option<bool> WebSocketPerMessageDeflate { get; } = new("--ws-per-message-deflate")
    {
        Description = "Compress WebSocket messages if the client offers it: true or false",
        HelpName = "BOOL",
        DefaultValueFactory = _ => true,
    };

    internal Option<string> HeaderMap { get; } = OneOf(["drop", "refuse", "dangerous"], new("--header-map")
    {
        Description = "Header fields with an underscore in their name: drop, refuse (400) or dangerous (pass on)",
        HelpName = "MODE",
        DefaultValueFactory = _ => "drop",
    });

    internal Option<string> LogLevel { get; } = OneOf(["debug", "info", "warning", "error", "critical"], new("--log-level")
    {
        Description = "Least severity logged: debug, info, warning, error or critical",
        HelpName = "LEVEL",
        DefaultValueFactory = _ => "info",
    });

    internal IEnumerable<Option> All =>
    [
        Bind, Workers, Threads, Loops, Interface, Loop, Lifespan, RootPath, Python, ChangeDirectory, KeepAlive, GracefulTimeout, RequestHeaderTimeout,
        LimitRequestLine, LimitRequestFields, LimitRequestFieldSize, LimitRequestBody, LimitConcurrency, Backlog,
        WebSocketMaxSize, WebSocketMaxQueue, WebSocketPingInterval, WebSocketPingTimeout, WebSocketPerMessageDeflate, HeaderMap, LogLevel,
    ];

    /// <summary>The severity that <see cref="LogLevel"/> names.</summary>
    internal static LogLevel LevelOf(string name) => name switch
    {
        "debug" => Microsoft.Extensions.Logging.LogLevel.Debug,
        "warning" => Microsoft.Extensions.Logging.LogLevel.Warning,
        "error" => Microsoft.Extensions.Logging.LogLevel.Error,
        "critical" => Microsoft.Extensions.Logging.LogLevel.Critical,
        _ => Microsoft.Extensions.Logging.LogLevel.Information,
    };

    /// <summary>The mode that <see cref="HeaderMap"/> names.</summary>
    internal static HeaderMap MapOf(string name) => name switch
    {
        "refuse" => Server.Configuration.HeaderMap.Refuse,
        "dangerous" => Server.Configuration.HeaderMap.Dangerous,
        _ => Server.Configuration.HeaderMap.Drop,
    };

    private static Option<int> AtLeast(int minimum, Option<int> option)
    {
        option.Validators.Add(result =>
        {
            // What is no number at all is reported by the conversion.
            if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out int value) && value < minimum)
            {
                result.AddError($"{option.Name} must be at least {minimum}, not {value}.");
            }
        });
        return option;
    }

    private static Option<double> Positive(Option<double> option)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && double.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out double value) && value is not (> 0 and < 1e6))
            {
                result.AddError($"{option.Name} must be a number of seconds above 0, not {result.Tokens[0].Value}.");
            }
        });
        return option;
    }

    private static Option<double> NotNegative(Option<double> option)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.GetValueOrDefault<double>() is not (>= 0 and < 1e6))
            {
                result.AddError($"{option.Name} must be a number of seconds, or 0.");
            }
        });
        return option;
    }

    private static Option<string> OneOf(string[] values, Option<string> option)
    {
        option.AcceptOnlyFromAmong(values);
        return option;
    }
}
