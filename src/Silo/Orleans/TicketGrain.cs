using System.Globalization;
using HallOps.Core.Halls;
using Orleans.Concurrency;

namespace HallOps.Silo.Orleans;

/// <summary>The address of a ticket: sends on to its hall, and reads the visit's record once the hall has forgotten it.</summary>
[Reentrant]
internal sealed class TicketGrain(IServiceProvider services) : Grain, ITicketGrain
{
    private readonly IVisitRecords? _visits = (IVisitRecords?)services.GetService(typeof(IVisitRecords));
    private HallId _hall;
    private TicketId _ticket;

    /// <summary><c>{hall}/{hall number}-{ordinal}</c>.</summary>
    public static string Key(HallId hall, TicketId ticket) => string.Create(CultureInfo.InvariantCulture, $"{hall}/{ticket}");

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        _hall = new HallId(key[..slash]);
        return TicketId.TryParse(key[(slash + 1)..], out _ticket) ? Task.CompletedTask : throw new ArgumentException($"{key} is no ticket's address.");
    }

    public ValueTask<HallAnswer> SendAsync(HallRequest request) => GrainFactory.GetGrain<IHallGrain>(_hall.Value).SendAsync(request);

    public async ValueTask<HallResult> ReadAsync()
    {
        var held = await GrainFactory.GetGrain<IHallGrain>(_hall.Value).ReadAsync(new ReadTicket(_ticket));
        return held is { Status: AnswerStatus.Done, Value: null } && _visits is not null ? held with { Value = await _visits.FindAsync(_hall, _ticket, CancellationToken.None) } : held;
    }
}
