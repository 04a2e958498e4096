using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Darter.Server.SharedValues;

/// <summary>
/// By how much a number changes. memcached's are without sign: too large begins at 0 again, too small is 0. With a sign before
/// the amount, which is Darter's own, they have one, and what has more than 64 bits is refused.
/// </summary>
/// <param name="Amount">By how much.</param>
/// <param name="IsDown">Whether it becomes less.</param>
/// <param name="IsSigned">Whether numbers have a sign.</param>
internal readonly record struct CountStep(ulong Amount, bool IsDown, bool IsSigned)
{
    /// <summary>Does it to a number.</summary>
    /// <param name="text">The number, in decimal.</param>
    /// <param name="result">The new one.</param>
    internal CountOutcome Apply(ReadOnlySpan<byte> text, out byte[] result)
    {
        result = [];
        if (!IsSigned)
        {
            if (!Utf8Parser.TryParse(text, out ulong number, out int used) || used != text.Length)
            {
                return CountOutcome.NotANumber;
            }

            number = IsDown ? number - Math.Min(number, Amount) : unchecked(number + Amount);
            result = Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));
            return CountOutcome.Counted;
        }

        if (!Utf8Parser.TryParse(text, out long signed, out int length) || length != text.Length)
        {
            return IsNumber(text) ? CountOutcome.OutOfRange : CountOutcome.NotANumber;
        }

        Int128 sum = IsDown ? (Int128)signed - Amount : (Int128)signed + Amount;
        if (sum < long.MinValue || sum > long.MaxValue)
        {
            return CountOutcome.OutOfRange;
        }

        result = Encoding.ASCII.GetBytes(((long)sum).ToString(CultureInfo.InvariantCulture));
        return CountOutcome.Counted;
    }

    private static bool IsNumber(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> digits = text.StartsWith("-"u8) ? text[1..] : text;
        return !digits.IsEmpty && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }
}
