using System.Text.Json;
using Darter.Workers.Service;

namespace Darter.Cli.Service;

/// <summary>
/// The process of this program that started this one and waits for how that goes: the front before this one in an upgrade,
/// or the command that goes into the background.
/// </summary>
internal sealed class Starter
{
    private const string Ready = "ready";
    private const string Failed = "failed ";
    private const string Go = "go";

    private readonly LinePipe _link;

    private Starter(StartOrder order)
    {
        Order = order;
        _link = LinePipe.Adopt(order.Link);
    }

    /// <summary>The one that started this process, or null when it was somebody else.</summary>
    internal static Starter? Current { get; private set; }

    /// <summary>What it said.</summary>
    internal StartOrder Order { get; }

    /// <summary>Looks for it, once, before anything is started that would inherit what it said.</summary>
    internal static void Find()
    {
        if (Environment.GetEnvironmentVariable(StartOrder.Variable) is { } text)
        {
            Environment.SetEnvironmentVariable(StartOrder.Variable, null);
            Current = new Starter(JsonSerializer.Deserialize(text, StartOrderJson.Default.StartOrder)!);
        }
    }

    /// <summary>Says that this front serves; the task ends when a front before it has given way, or is gone.</summary>
    internal async Task ReportReadyAsync()
    {
        _link.Send(Ready);
        if (Order.IsUpgrade)
        {
            await _link.ReceiveAsync().ConfigureAwait(false);
        }

        _link.Dispose();
    }

    /// <summary>Says why this front will not serve.</summary>
    internal void ReportFailure(string reason) => _link.Send(Failed + reason);

    /// <summary>The other side: waits for the report. Null: it serves; else why it does not, "" if that is not known.</summary>
    internal static async Task<string?> ReceiveReportAsync(LinePipe link) => await link.ReceiveAsync().ConfigureAwait(false) switch
    {
        Ready => null,
        { } line when line.StartsWith(Failed, StringComparison.Ordinal) => line[Failed.Length..],
        _ => "",
    };

    /// <summary>The other side: gives way.</summary>
    internal static void GiveWay(LinePipe link) => link.Send(Go);
}
