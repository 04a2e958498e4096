using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace Darter.Cli.Options;

/// <summary>What values options take, checked while the command line is read.</summary>
internal static class OptionRules
{
    internal static Option<T> AtLeast<T>(T minimum, Option<T> option)
        where T : INumber<T>
    {
        option.Validators.Add(result =>
        {
            // What is no number at all is reported by the conversion.
            if (result.Tokens.Count > 0 && T.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out T? value) && value < minimum)
            {
                result.AddError($"{option.Name} must be at least {minimum}, not {value}.");
            }
        });
        return option;
    }

    internal static Option<int> Between(int minimum, int maximum, Option<int> option)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out int value) && (value < minimum || value > maximum))
            {
                result.AddError($"{option.Name} must be from {minimum} to {maximum}, not {value}.");
            }
        });
        return option;
    }

    internal static Option<double> Positive(Option<double> option)
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

    internal static Option<double> NotNegative(Option<double> option)
    {
        option.Validators.Add(result =>
        {
            // What is no number at all, or one with a unit, is the conversion's.
            if (result.Tokens.Count > 0 && double.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out double value) && value is not (>= 0 and < 1e6))
            {
                result.AddError($"{option.Name} must be a number of seconds, or 0.");
            }
        });
        return option;
    }

    internal static Option<string> OneOf(string[] values, Option<string> option)
    {
        Restrict(values, option);
        return option;
    }

    /// <summary>The same for an option that may stand without a value.</summary>
    internal static Option<string?> OneOfOptional(string[] values, Option<string?> option)
    {
        Restrict(values, option);
        return option;
    }

    private static void Restrict(string[] values, Option option)
    {
        option.CompletionSources.Add(values);
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !values.Contains(result.Tokens[0].Value))
            {
                result.AddError($"{option.Name} must be {string.Join(", ", values[..^1])} or {values[^1]}, not '{result.Tokens[0].Value}'.");
            }
        });
    }
}
