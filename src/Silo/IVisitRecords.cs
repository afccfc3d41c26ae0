using HallOps.Core.Halls;

namespace HallOps.Silo;

/// <summary>Tickets that their halls have forgotten: 24 hours after the end of their service day a hall's state holds them no more (DOMAIN.md, "End of the day").</summary>
public interface IVisitRecords
{
    /// <summary>The ticket as it ended; null when there never was such a one.</summary>
    ValueTask<TicketView?> FindAsync(HallId hall, TicketId ticket, CancellationToken cancel);
}
