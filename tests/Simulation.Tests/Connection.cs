namespace HallOps.Simulation.Tests;

/// <summary>One connection of a process to the store: what is sent arrives in order, later, or not at all; answers likewise.</summary>
internal sealed class Connection
{
    private readonly Queue<Request> _there = new();
    private readonly Queue<(Request Request, object? Answer)> _back = new();

    private sealed record Request(Func<object?> Execute, Action<object?> Answered, Action Broken);

    public bool IsOpen { get; private set; } = true;

    /// <summary>Requests that the store has not seen.</summary>
    public int There => _there.Count;

    public int Back => _back.Count;

    /// <param name="broken">The connection is gone, and nobody knows what became of it.</param>
    public void Send<T>(Func<T> execute, Action<T> answered, Action broken) => _there.Enqueue(new Request(() => execute(), answer => answered((T)answer!), broken));

    /// <summary>The store does the next one.</summary>
    public void Serve()
    {
        var request = _there.Dequeue();
        var answer = request.Execute();
        if (IsOpen) _back.Enqueue((request, answer));
    }

    /// <summary>The process hears the next answer.</summary>
    public void Hear()
    {
        var (request, answer) = _back.Dequeue();
        request.Answered(answer);
    }

    /// <summary>The process sees it broken.</summary>
    /// <param name="late">So many of the requests on their way arrive all the same, whenever that is.</param>
    public void Cut(int late)
    {
        IsOpen = false;
        var open = _back.Select(b => b.Request).Concat(_there).ToList();
        _back.Clear();
        var kept = _there.Take(late).ToList();
        _there.Clear();
        foreach (var request in kept) _there.Enqueue(request);
        foreach (var request in open) request.Broken();
    }

    /// <summary>The store itself is another now: nothing more arrives.</summary>
    public void Drop() => _there.Clear();
}
