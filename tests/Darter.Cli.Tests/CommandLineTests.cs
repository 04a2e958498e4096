using Darter.Cli.Settings;

namespace Darter.Cli.Tests;

/// <summary>The command line, read as Gunicorn reads it.</summary>
public class CommandLineTests
{
    [Theory]
    [InlineData("-w4", "workers", "4")]
    [InlineData("-w=4", "workers", "4")]
    [InlineData("-w 4", "workers", "4")]
    [InlineData("--workers=4", "workers", "4")]
    [InlineData("--workers 2 --workers 4", "workers", "4")]
    [InlineData("-b:8000", "bind", ":8000")]
    [InlineData("-b :8000 -b unix:/x", "bind", ":8000|unix:/x")]
    [InlineData("--bind=127.0.0.1:80", "bind", "127.0.0.1:80")]
    [InlineData("--limit-request-field_size 9000", "limit_request_field_size", "9000")]
    [InlineData("--asgi-loop asyncio", "loop", "asyncio")]
    [InlineData("--log-level DEBUG", "log_level", "debug")]
    [InlineData("--keep-alive 1.5m", "keep_alive", "90")]
    [InlineData("--limit-request-body 2MiB", "limit_request_body", "2097152")]
    [InlineData("--root-path=", "root_path", "")]
    [InlineData("--root-path=-x", "root_path", "-x")]
    [InlineData("--root-path @x", "root_path", "@x")]
    [InlineData("--ws-per-message-deflate false", "ws_per_message_deflate", "false")]
    [InlineData("--ws-per-message-deflate=off", "ws_per_message_deflate", "false")]
    [InlineData("-R -w3", "workers", "3")]
    [InlineData("-Rw3", "workers", "3")]
    public async Task Flags_InEveryForm_AreUnderstood(string line, string name, string expected)
    {
        using SettingsFixture fixture = new();
        LoadedConfig loaded = await fixture.LoadAsync(["app:x", .. line.Split(' ')]);
        Assert.Empty(loaded.Errors);
        EffectiveSetting setting = loaded.Settings.Single(setting => setting.Name == name);
        Assert.Equal(expected, string.Join('|', setting.Values));
        Assert.Equal(SettingSource.Flag, setting.Origin.Source);
        Assert.Equal("app:x", loaded.Config!.Workers.Target);
    }

    [Theory]
    [InlineData("--nope", "there is no option '--nope'")]
    [InlineData("--worker 4", "there is no option '--worker'; did you mean --workers?")]
    [InlineData("--workers", "--workers needs a value")]
    [InlineData("--workers --threads 3", "--workers needs a value")]
    [InlineData("--workers x", "--workers: must be a whole number, not 'x'")]
    [InlineData("--workers 4.5", "--workers: must be a whole number, not '4.5'")]
    [InlineData("--workers 99999999999", "--workers: must be a whole number, not '99999999999'")]
    [InlineData("--workers 0", "--workers must be at least 1, not 0")]
    [InlineData("--keep-alive nan", "--keep-alive: must be a number, not 'nan'")]
    [InlineData("--interface rsgi", "--interface must be auto, wsgi, asgi or tornado, not 'rsgi'")]
    [InlineData("--ws-per-message-deflate=perhaps", "--ws-per-message-deflate: must be true or false, not 'perhaps'")]
    [InlineData("-R=3", "-R takes no value")]
    [InlineData("one two", "'two': there is a target already, 'one'")]
    [InlineData("--bind a:b:c:d", "--bind: ")]
    [InlineData("--chdir /does/not/exist", "--chdir: there is no folder '/does/not/exist'")]
    [InlineData("--ssl-version 3", "--ssl-version: TLS 1.2 and 1.3 are spoken")]
    [InlineData("--reload", "--reload: reloading on changes is for development")]
    [InlineData("-k aiohttp.worker.GunicornWebWorker", "-k: 'aiohttp.worker.GunicornWebWorker': a worker class is code")]
    public async Task Flags_ThatAreWrong_AreReported(string line, string expected)
    {
        using SettingsFixture fixture = new();
        LoadedConfig loaded = await fixture.LoadAsync(line.Split(' '));
        Assert.Null(loaded.Config);
        Assert.StartsWith(expected, Assert.Single(loaded.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_OfAllSources_AreReportedTogether()
    {
        using SettingsFixture fixture = new();
        fixture.Environment["DARTER_THREADS"] = "none";
        fixture.Environment["GUNICORN_CMD_ARGS"] = "--backlog 0";
        fixture.Write("darter.toml", "keep_alive = 0\nwokers = 3\n");
        LoadedConfig loaded = await fixture.LoadAsync("--workers", "0", "--chdri", "x");
        Assert.Equal(
            [
                "--workers must be at least 1, not 0",
                "DARTER_THREADS: must be a whole number, not 'none'",
                "GUNICORN_CMD_ARGS: --backlog: must be at least 1, not 0",
                "darter.toml:1: keep_alive: must be a number of seconds above 0, not 0",
                "darter.toml:2: wokers: there is no such setting; did you mean workers?",
                "there is no option '--chdri'; did you mean --chdir?",
            ],
            loaded.Errors.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("-k gevent", "threads", "32")]
    [InlineData("-k gevent --threads 5", "threads", "5")]
    [InlineData("--threads 5 -k eventlet", "threads", "5")]
    [InlineData("-k uvicorn.workers.UvicornWorker", "interface", "asgi")]
    [InlineData("-k uvicorn_worker.UvicornH11Worker", "loop", "asyncio")]
    [InlineData("-k asgi --interface wsgi", "interface", "wsgi")]
    [InlineData("-k tornado", "interface", "auto")]
    public async Task WorkerClass_OfEachKind_IsMappedWithOneNotice(string line, string name, string expected)
    {
        using SettingsFixture fixture = new();
        LoadedConfig loaded = await fixture.LoadAsync(line.Split(' '));
        Assert.Empty(loaded.Errors);
        Assert.Single(loaded.Notices);
        Assert.Equal(expected, loaded.Settings.Single(setting => setting.Name == name).Values[0]);
    }

    [Fact]
    public async Task WorkerClass_OfAFlag_HidesThatOfAFile()
    {
        using SettingsFixture fixture = new();
        fixture.Write("darter.toml", "worker_class = 'gevent'\n");
        LoadedConfig loaded = await fixture.LoadAsync("-k", "sync");
        Assert.Empty(loaded.Notices);
        Assert.Equal(1, loaded.Config!.Workers.Threads);
    }
}
