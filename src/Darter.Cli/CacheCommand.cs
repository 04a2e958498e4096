using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Darter.Server.Control;

namespace Darter.Cli;

/// <summary><c>darter cache</c>: looks at the cache of a running server, and removes answers from it.</summary>
internal static class CacheCommand
{
    /// <summary>The command, with those below it.</summary>
    internal static Command Create() => new("cache", "Look at the cache of a running server (--cache), or remove answers from it")
    {
        ControlCommand.Create("status", "Show what is in the cache, and how often it was of use", StatusAsync),
        CreatePurge(),
    };

    /// <summary>The lines of <c>darter status</c> for a cache.</summary>
    internal static IEnumerable<string> Describe(CacheStatus cache)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        yield return string.Create(culture, $"cache       {cache.Answers} answers, {Size(cache.Bytes)} of {Size(cache.Size)}, {cache.Hits} hits, {cache.Misses} misses, {cache.Collapsed} collapsed");
    }

    private static Command CreatePurge()
    {
        Argument<string?> url = new("URL") { Description = "An address, or a path of all hosts, with its query", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> prefix = new("--prefix") { Description = "What begins so: an address, or a path of all hosts", HelpName = "URL" };
        Option<string?> tag = new("--tag") { Description = "Answers with this name in Surrogate-Key or Cache-Tag", HelpName = "TAG" };
        Option<bool> all = new("--all") { Description = "Everything" };
        Command command = ControlCommand.Create(
            "purge",
            "Remove answers from the cache",
            call => PurgeAsync(call, new PurgeOrder
            {
                Url = call.Result.GetValue(url),
                Prefix = call.Result.GetValue(prefix),
                Tag = call.Result.GetValue(tag),
                All = call.Result.GetValue(all),
            }),
            url,
            prefix,
            tag,
            all);
        command.Validators.Add(result =>
        {
            if (new[] { result.GetValue(url) is not null, result.GetValue(prefix) is not null, result.GetValue(tag) is not null, result.GetValue(all) }.Count(given => given) != 1)
            {
                result.AddError("Say what is to be purged: a URL, --prefix, --tag or --all.");
            }
        });
        return command;
    }

    private static async Task<int> PurgeAsync(ControlCall call, PurgeOrder order)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(order, ControlJson.Instance.PurgeOrder);
        if (await call.AskAsync("POST", "/cache/purge", body, ControlJson.Instance.PurgeOutcome, 200).ConfigureAwait(false) is not { } outcome)
        {
            return ExitCode.Configuration;
        }

        call.Say(string.Create(CultureInfo.InvariantCulture, $"Purged: {outcome.Purged}"));
        return ExitCode.Success;
    }

    private static async Task<int> StatusAsync(ControlCall call)
    {
        if (await call.AskAsync("GET", "/cache", [], ControlJson.Instance.CacheStatus, 200).ConfigureAwait(false) is not { } cache)
        {
            return ExitCode.Configuration;
        }

        CultureInfo culture = CultureInfo.InvariantCulture;
        long asked = cache.Hits + cache.Collapsed + cache.Misses;
        call.Say(string.Create(culture, $"memory      {Size(cache.Bytes)} of {Size(cache.Size)}"));
        call.Say(string.Create(culture, $"answers     {cache.Answers} now, {cache.Stored} stored, {cache.Evicted} evicted, {cache.Purged} purged"));
        call.Say(string.Create(culture, $"requests    {cache.Hits} hits ({cache.StaleHits} stale), {cache.Collapsed} collapsed, {cache.Misses} misses ({cache.Revalidated} revalidated)"));
        call.Say(string.Create(culture, $"hit rate    {(asked == 0 ? 0 : 100.0 * (cache.Hits + cache.Collapsed) / asked):0.0} %"));
        if (cache.Backend is { } backend)
        {
            call.Say(string.Create(culture, $"shared      {cache.Fetched} fetched; {backend}"));
        }

        return ExitCode.Success;
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.0} MiB");
}
