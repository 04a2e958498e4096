using System.CommandLine;
using Darter.Server.Configuration;

namespace Darter.Cli.Options;

/// <summary>Compressing answers on the way.</summary>
internal sealed class CompressionOptions : IOptionGroup
{
    internal Option<bool> Compress { get; } = new("--compress") { Description = "Compress the application's answers and files for clients that take it" };

    internal Option<string> Codings { get; } = new("--compress-codings")
    {
        Description = "The codings, the preferred first, separated by commas; the client's weights come before",
        HelpName = "LIST",
        DefaultValueFactory = _ => "br,zstd,gzip",
    };

    internal Option<string?> Types { get; } = new("--compress-types")
    {
        Description = "The media types, separated by commas: text/html, text/*, *+json or *; default: texts, JSON, XML, scripts and the like",
        HelpName = "LIST",
    };

    internal Option<string> LeastSize { get; } = new("--compress-min-size")
    {
        Description = "The least length: bytes, or with a unit (1KiB)",
        HelpName = "SIZE",
        DefaultValueFactory = _ => "1KiB",
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All => [Compress, Codings, Types, LeastSize];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        if (!result.GetValue(Compress))
        {
            foreach (Option option in (Option[])[Codings, Types, LeastSize])
            {
                if (result.GetResult(option) is { Implicit: false })
                {
                    config.Errors.Add($"{option.Name} needs --compress");
                }
            }

            return;
        }

        CompressionConfig compression = new()
        {
            Codings = CodingsOf(result.GetValue(Codings)!, config.Errors),
            Types = TypesOf(result.GetValue(Types), config.Errors),
            LeastSize = SizeOf(result.GetValue(LeastSize)!, config.Errors),
        };
        config.Server = config.Server with
        {
            Compression = compression,
            Folders = [.. config.Server.Folders.Select(folder => folder with { CompressionRules = compression })],
        };
    }

    private static List<ContentCodings> CodingsOf(string text, List<string> errors)
    {
        List<ContentCodings> codings = [];
        foreach (string name in text.Split(',', StringSplitOptions.TrimEntries))
        {
            ContentCodings coding = name switch
            {
                "br" => ContentCodings.Brotli,
                "zstd" => ContentCodings.Zstandard,
                "gzip" => ContentCodings.Gzip,
                _ => ContentCodings.None,
            };
            if (coding == ContentCodings.None || codings.Contains(coding))
            {
                errors.Add($"--compress-codings: '{text}' is no list of br, zstd and gzip, separated by commas");
                break;
            }

            codings.Add(coding);
        }

        return codings;
    }

    private static IReadOnlyList<string> TypesOf(string? text, List<string> errors)
    {
        if (text is null)
        {
            return CompressionConfig.UsualTypes;
        }

        string[] types = text.Split(',', StringSplitOptions.TrimEntries);
        foreach (string type in types.Where(type => !CompressionConfig.IsType(type)))
        {
            errors.Add($"--compress-types: '{type}' is no media type: write text/html, text/*, *+json or *, separated by commas");
        }

        return types;
    }

    private static long SizeOf(string text, List<string> errors)
    {
        if (!SizeText.TryParse(text, out long size))
        {
            errors.Add($"--compress-min-size: '{text}' is not a size: write bytes, or a number with a unit such as 1KiB");
        }

        return size;
    }
}
