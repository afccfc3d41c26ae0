using System.Data.Common;
using HallOps.Core.Halls;
using HallOps.Silo;
using HallOps.Silo.Projections;
using HallOps.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace HallOps.Web.Tickets;

/// <summary>Answers from the table <c>legs</c>, which <see cref="HallOps.Silo.Projections.ReportProjection"/> fills.</summary>
public sealed class SqlPastTickets(IDbContextFactory<HallOpsDb> databases, IHalls halls) : IVisitRecords
{
    public async ValueTask<TicketView?> FindAsync(HallId hall, TicketId ticket, CancellationToken cancel)
    {
        var legs = new List<LegView>(1);
        var (number, calledAt) = ("", (long?)null);
        await using (var database = await databases.CreateDbContextAsync(cancel))
        {
            await database.Database.OpenConnectionAsync(cancel);
            await using var command = database.Database.GetDbConnection().CreateCommand();
            command.CommandText = """SELECT number, leg, service, line, state, "window", outcome, grade, called_at FROM legs WHERE hall = @hall AND ticket = @ticket ORDER BY leg""";
            Add(command, "@hall", (long)ticket.Hall);
            Add(command, "@ticket", ticket.Ordinal);
            await using var reader = await command.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                number = reader.GetString(0);
                calledAt = reader.IsDBNull(8) ? null : reader.GetInt64(8);
                var outcome = TableWord.Read<LegOutcome>(reader, 6);
                legs.Add(new LegView(reader.GetInt32(1), reader.GetString(2), reader.GetString(3), TableWord.Read<TicketState>(reader, 4)!.Value, reader.IsDBNull(5) ? null : reader.GetString(5),
                    outcome == LegOutcome.Open ? null : outcome, TableWord.Read<Grade>(reader, 7)));
            }
        }
        if (legs is not [.., var last]) return null;
        var zone = (await halls.ReadAsync(hall, new ReadConfig(), cancel))?.Settings.Calendar.Zone;
        return new TicketView(hall.Value, number, last.State, Ahead: null, Estimate: null, last.Window, WireTime.At(calledAt is { } at ? new Instant(at) : null, zone), AwayUntil: null, Explanation: null, legs, Leg: last.Leg);
    }

    private static void Add(DbCommand command, string name, long value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }
}
