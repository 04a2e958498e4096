using System.Globalization;
using System.Text.Json;

namespace Darter.Cli.Importing;

/// <summary>Applications.</summary>
internal sealed partial class UnitImport
{
    private void TakeApp(string name, JsonNodeAtLine app, int line)
    {
        string type = app.TextOf("type") ?? "";
        if (!type.StartsWith("python", StringComparison.Ordinal))
        {
            _result.Note(line, $"{name} ({type})", "Darter runs Python; give such requests to a server of their own, by an upstream");
            return;
        }

        ImportTable common = new();
        foreach ((string key, JsonNodeAtLine value, int at) in app.Members)
        {
            TakeAppKey(common, key, value, at);
        }

        if (app.Find("targets") is { IsObject: true } targets)
        {
            foreach ((string target, JsonNodeAtLine value, int at) in targets.Members)
            {
                AddApp($"{name}/{target}", common.Copy(), value, at);
            }

            return;
        }

        AddApp(name, common, app, line);
    }

    private void AddApp(string name, ImportTable table, JsonNodeAtLine app, int line)
    {
        if (app.TextOf("module") is not { Length: > 0 } module)
        {
            _result.Note(line, name, "names no module");
            return;
        }

        bool isFactory = app.TextOf("factory") == "true";
        string callable = app.TextOf("callable") ?? "application";
        ImportTable own = new();
        own.Set("target", Toml.Text($"{module}:{callable}{(isFactory ? "()" : "")}"));
        foreach ((string key, string value) in table.Members)
        {
            own.Set(key, value);
        }

        string known = ImportResult.NameOf(name, _result.Apps);
        _result.Apps.Add(known, own);
        _apps[name] = known;
        if (app.TextOf("prefix") is { Length: > 1 } prefix)
        {
            _mounts[known] = prefix.TrimEnd('/');
        }
    }

    private void TakeAppKey(ImportTable table, string key, JsonNodeAtLine value, int line)
    {
        switch (key)
        {
            case "type" or "module" or "callable" or "factory" or "prefix" or "targets":
                break;
            case "protocol" when value.Text is "wsgi" or "asgi":
                table.Set("interface", Toml.Text(value.Text));
                break;
            case "working_directory" when value.Kind == JsonTokenType.String && value.Text.Length > 0:
                table.Set("chdir", Toml.Text(value.Text));
                break;
            case "home" when value.Kind == JsonTokenType.String && value.Text.Length > 0:
                table.Set("python", Toml.Text($"{value.Text.TrimEnd('/')}/bin/python"));
                break;
            case "path" when !value.IsObject:
                table.Set("pythonpath", Toml.List(value.Items.Select(item => item.Text)));
                break;
            case "threads" when IsCount(value.Text):
                table.Set("threads", value.Text);
                break;
            case "processes" when IsCount(value.Text):
                table.Set("workers", value.Text);
                break;
            case "processes" when value.TextOf("max") is { } max && IsCount(max):
                table.Set("workers", max);
                _result.Note(line, "processes", $"Darter keeps {max} workers, however many are needed");
                break;
            case "environment" when value.IsObject:
                if (value.Members.Count > 0)
                {
                    table.Set("env", Toml.Table(value.Members.GroupBy(member => member.Name).Select(member => KeyValuePair.Create(member.Key, Toml.Text(member.Last().Value.Text)))));
                }

                break;
            case "limits" when value.IsObject:
                TakeLimits(table, value);
                break;
            case "user" or "group":
                _result.Note(line, $"{key} {value.Text}", $"front and workers have one {key}: {key} at the top of the file");
                break;
            default:
                _result.Note(line, key, "has no equivalent");
                break;
        }
    }

    private void TakeLimits(ImportTable table, JsonNodeAtLine limits)
    {
        foreach ((string key, JsonNodeAtLine value, int line) in limits.Members)
        {
            if (key is "timeout" or "requests" && IsCount(value.Text))
            {
                table.Set(key == "timeout" ? "request_timeout" : "max_requests", value.Text);
            }
            else
            {
                _result.Note(line, $"limits.{key}", "has no equivalent");
            }
        }
    }

    private static bool IsCount(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and < 1_000_000;
}
