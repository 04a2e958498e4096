namespace Darter.Workers;

/// <summary>Takes the lines that workers write to their outputs, where the front reads them.</summary>
public interface IWorkerOutput
{
    /// <summary>
    /// A line, without its end. Called on a thread of the worker's own, which may be kept waiting: then the worker's pipe
    /// fills, and it waits, too.
    /// </summary>
    void OnLine(string worker, int processId, ReadOnlySpan<byte> line);
}
