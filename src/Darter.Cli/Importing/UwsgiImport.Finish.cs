namespace Darter.Cli.Importing;

/// <summary>What comes of several lines together.</summary>
internal sealed partial class UwsgiImport
{
    private void Finish()
    {
        if (_binds.Count > 0)
        {
            _result.Settings.Set("bind", Toml.List(_binds.Distinct().Select(bind => bind.Contains("unix:", StringComparison.Ordinal) && _mode is not null ? $"{bind}?mode={_mode}" : bind)));
        }

        if (_static.Count > 0)
        {
            _result.Settings.Set("static", Toml.List(_static.GroupBy(mapping => mapping.Split('=')[0]).Select(same => same.Last())));
        }

        if (_pythonPath.Count > 0)
        {
            _result.Settings.Set("pythonpath", Toml.List(_pythonPath));
        }

        if (_environment.Count > 0)
        {
            _result.Settings.Set("env", Toml.List(_environment.Select(pair => $"{pair.Key}={pair.Value}")));
        }

        SetAccount("user", _user);
        SetAccount("group", _group);
        if (_module is { } module)
        {
            string target = TargetOf(module.Key is "wsgi-file" or "file" || module.Value.EndsWith(".py", StringComparison.Ordinal), module.Value);
            _result.Settings.Set("target", Toml.Text(target));
        }

        FinishMounts();
        if (_module is null && _mounts.Count == 0)
        {
            _result.Note(0, "module", "no line names an application: write target = \"module:attr\"");
        }
    }

    private void SetAccount(string key, string? name)
    {
        if (name is { Length: > 0 })
        {
            _result.Settings.Set(key, Toml.Text(name));
        }
    }

    private string TargetOf(bool isFile, string value)
    {
        // uWSGI's callable is "application", which is among the names that Darter tries by itself.
        string target = value;
        if (_callable is { Length: > 0 } callable && !target.Contains(':'))
        {
            target = $"{target}:{callable}";
        }

        return isFile && _chdir is null && !target.Contains('/') ? $"./{target}" : target;
    }

    /// <summary><c>mount = /url=module</c>: an application each, and a route to it.</summary>
    private void FinishMounts()
    {
        foreach (UwsgiLine line in _mounts)
        {
            int sign = line.Value.IndexOf('=', StringComparison.Ordinal);
            string path = sign < 0 ? "" : line.Value[..sign].TrimEnd('/');
            string module = sign < 0 ? "" : line.Value[(sign + 1)..].Trim();
            if (module.Length == 0 || (path.Length > 0 && !IsPlainPath(path)))
            {
                Note(line, "write an [apps.NAME] and a route with mount = \"/URL\"");
                continue;
            }

            string name = ImportResult.NameOf(path.Trim('/'), _result.Apps);
            ImportTable app = new();
            app.Set("target", Toml.Text(TargetOf(module.EndsWith(".py", StringComparison.Ordinal), module)));
            _result.Apps.Add(name, app);
            ImportTable route = new();
            if (path.Length > 0)
            {
                route.Set("path", Toml.List([path, $"{path}/*"]));
            }

            route.Set("app", Toml.Text(name));
            if (path.Length > 0)
            {
                route.Set("mount", Toml.Text(path));
            }

            _result.Routes.Add(route);
        }

        if (_result.Apps.Count == 0)
        {
            return;
        }

        // The longest path first, as uWSGI looks for them.
        _result.Routes.Sort((one, other) => (other.Find("mount")?.Length ?? 0).CompareTo(one.Find("mount")?.Length ?? 0));
        if (_result.Settings.Find("target") is { } target)
        {
            ImportTable main = new();
            main.Set("target", target);
            string name = ImportResult.NameOf("main", _result.Apps);
            _result.Apps.Add(name, main);
            ImportTable route = new();
            route.Set("app", Toml.Text(name));
            _result.Routes.Add(route);
            _result.Settings.Remove("target");
        }
    }
}
