using HallOps.Silo;
using HallOps.Silo.Journal;
using HallOps.Web.Storage;

namespace HallOps.Web.Operations;

/// <summary>Opens the journal and, as soon as there is one, the engine on it; the halls are there from the start of this host to the end of the process.</summary>
internal sealed class EngineHost(DataFolder folder) : IHostedService, IAsyncDisposable
{
    private SqliteJournal? _journal;

    public SqliteJournal Journal => _journal ?? throw new InvalidOperationException("The journal is not open: the host has not started.");

    public IHalls Halls => Opened ?? throw new InvalidOperationException("The engine is not open: the host has not started.");

    public IHalls? Opened { get; set; }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _journal = SqliteJournal.Open(folder.FullPath);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_journal is { } journal) await journal.DisposeAsync();
    }
}

internal static class EngineParts
{
    public static void AddHalls(this IServiceCollection services)
    {
        services.AddSingleton<EngineHost>().AddHostedService(s => s.GetRequiredService<EngineHost>());
        services.AddSingleton(s => s.GetRequiredService<EngineHost>().Halls);
    }
}
