using CsCheck;
using Darter.Server.Tls;

namespace Darter.Server.Tests.Tls;

/// <summary>A client's settings on their way to the HTTP server.</summary>
public sealed class SettingsFilterTests
{
    private static readonly Gen<(ulong Number, int Size)> s_number = Gen.Select(Gen.OneOf(Gen.ULong[0, 63], Gen.ULong[0, (1UL << 62) - 1]), Gen.Int[0, 3], static (number, wider) =>
    {
        int least = number < 1UL << 6 ? 0 : number < 1UL << 14 ? 1 : number < 1UL << 30 ? 2 : 3;
        return (number, Math.Max(least, wider));
    });

    [Fact]
    public void LimitOfFieldSections_BecomesAReservedSetting_HoweverItIsWrittenAndCut() =>
        Gen.Select(Gen.Select(s_number, s_number).Array[0, 6], Gen.Byte.Array[0, 20], Gen.Int[1, 9]).Sample((settings, rest, step) =>
        {
            byte[] sent = Stream(settings, rest);
            byte[] expected = Stream([.. settings.Select(static setting => setting.Item1.Number == 6 ? ((0x21, setting.Item1.Size), setting.Item2) : setting)], rest);
            SettingsFilter filter = new();
            for (int start = 0; start < sent.Length; start += step)
            {
                filter.Apply(sent.AsSpan(start, Math.Min(step, sent.Length - start)));
            }

            return sent.AsSpan().SequenceEqual(expected);
        });

    [Theory]
    [InlineData(new byte[] { 0x02, 0x04, 0x02, 0x06, 0x00 })]
    [InlineData(new byte[] { 0x00, 0x07, 0x02, 0x06, 0x00 })]
    [InlineData(new byte[] { 0x00, 0x04, 0x00, 0x06, 0x00 })]
    [InlineData(new byte[] { 0x00, 0x04, 0x02, 0x01, 0x06, 0x06, 0x06 })]
    [InlineData(new byte[] { 0x00, 0x04, 0x03, 0x01, 0x40, 0x06, 0x06, 0x06 })]
    [InlineData(new byte[0])]
    public void WhatIsNoSettingOfIt_StaysAsItIs(byte[] bytes)
    {
        byte[] filtered = [.. bytes];
        new SettingsFilter().Apply(filtered);
        Assert.Equal(bytes, filtered);
    }

    /// <summary>A control stream: its type, SETTINGS, and what comes after it.</summary>
    private static byte[] Stream(((ulong Number, int Size) Identifier, (ulong Number, int Size) Value)[] settings, byte[] rest)
    {
        byte[] payload = [.. settings.SelectMany(static setting => Write(setting.Identifier).Concat(Write(setting.Value)))];
        return [0x00, 0x40, 0x04, .. Write(((ulong)payload.Length, 1)), .. payload, .. rest];
    }

    private static IEnumerable<byte> Write((ulong Number, int Size) number)
    {
        int length = 1 << number.Size;
        for (int index = length - 1; index >= 0; index--)
        {
            yield return (byte)((number.Number >> (8 * index)) | (index == length - 1 ? (ulong)number.Size << 6 : 0));
        }
    }
}
