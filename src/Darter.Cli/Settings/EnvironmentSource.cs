namespace Darter.Cli.Settings;

/// <summary>Settings in the environment.</summary>
internal static class EnvironmentSource
{
    /// <summary>Gunicorn's flags, as on a command line.</summary>
    internal const string CommandArguments = "GUNICORN_CMD_ARGS";

    private const string Prefix = "DARTER_";

    /// <summary><c>DARTER_WORKERS</c> and the like.</summary>
    internal static IEnumerable<Setting> Settings(IReadOnlyDictionary<string, string> environment, OptionTable table, Findings findings)
    {
        HashSet<string> known = [.. table.Names];
        foreach ((string variable, string value) in environment.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!variable.StartsWith(Prefix, StringComparison.Ordinal))
            {
                continue;
            }

            string name = variable[Prefix.Length..].ToLowerInvariant();
            if (known.Contains(name))
            {
                // A variable that is set to nothing is as good as one that is not set.
                if (value.Length > 0)
                {
                    yield return new Setting(name, SettingValue.Of(value), new SettingOrigin(SettingSource.Environment, variable));
                }
            }
            else if (NearestName.Find(name, known, most: 2) is { } near && name.Length > 4)
            {
                // Not an error: the environment is shared, and Kubernetes makes variables from the names of services.
                findings.Notice($"{variable}: there is no such setting; did you mean {Prefix}{near.ToUpperInvariant()}?");
            }
        }
    }

    /// <summary>The variables from which Gunicorn and uvicorn take defaults.</summary>
    internal static IEnumerable<Setting> Defaults(IReadOnlyDictionary<string, string> environment)
    {
        if (environment.TryGetValue("PORT", out string? port) && port.Length > 0)
        {
            yield return Of("bind", "PORT", $"0.0.0.0:{port}");
        }

        if (environment.TryGetValue("WEB_CONCURRENCY", out string? workers) && workers.Length > 0)
        {
            yield return Of("workers", "WEB_CONCURRENCY", workers);
        }

        if (environment.TryGetValue("FORWARDED_ALLOW_IPS", out string? addresses) && addresses.Length > 0)
        {
            yield return Of("forwarded_allow_ips", "FORWARDED_ALLOW_IPS", addresses);
        }
    }

    private static Setting Of(string name, string variable, string value) =>
        new(name, SettingValue.Of(value), new SettingOrigin(SettingSource.DefaultEnvironment, variable));
}
